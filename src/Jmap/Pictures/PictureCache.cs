using System.Security.Cryptography;
using System.Text;

namespace Sternpost.Jmap.Pictures;

/// <summary>
/// Pictures that were fetched, in files named by the digest of their address: opening a message again asks its sender's server nothing. They expire,
/// the oldest make room, and the whole folder can be deleted at any time.
/// </summary>
internal sealed class PictureCache(string folder, long most, TimeSpan keep, TimeProvider time)
{
    private readonly Lock gate = new();
    private Dictionary<string, (long Size, DateTime Written)>? files;
    private long total;

    internal static string KeyOf(string address) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(address)));

    /// <summary>The picture; null where it was not fetched, or long ago.</summary>
    internal async ValueTask<byte[]?> ReadAsync(string key, CancellationToken cancellation)
    {
        lock (gate)
        {
            if (!Files().TryGetValue(key, out var file)) return null;
            if (file.Written + keep < time.GetUtcNow().UtcDateTime)
            {
                Remove(key);
                return null;
            }
        }
        try
        {
            var octets = await File.ReadAllBytesAsync(PathOf(key), cancellation).ConfigureAwait(false);
            return PictureKind.Of(octets) is null ? null : octets;
        }
        catch (IOException)
        {
            // Somebody has tidied the folder.
            lock (gate) Remove(key);
            return null;
        }
    }

    /// <summary>Keeps a picture.</summary>
    internal async ValueTask WriteAsync(string key, byte[] picture, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        // Before there is anything half written in it.
        lock (gate) Files();
        // Under another name until it is whole: what a crash leaves half written is never read.
        var draft = PathOf(key) + "." + Guid.NewGuid().ToString("n")[..8];
        await File.WriteAllBytesAsync(draft, picture, cancellation).ConfigureAwait(false);
        lock (gate)
        {
            Remove(key);
            File.Move(draft, PathOf(key), overwrite: true);
            Files()[key] = (picture.Length, time.GetUtcNow().UtcDateTime);
            total += picture.Length;
            if (total <= most) return;
            foreach (var oldest in Files().Where(file => file.Key != key).OrderBy(file => file.Value.Written).Select(file => file.Key).ToList())
            {
                Remove(oldest);
                // Some room at once, so that not every picture sorts them all.
                if (total <= most * 9 / 10) break;
            }
        }
    }

    private Dictionary<string, (long Size, DateTime Written)> Files()
    {
        if (files is not null) return files;
        files = [];
        if (!Directory.Exists(folder)) return files;
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles())
        {
            if (file.Name.Length != 64)
            {
                file.Delete();
                continue;
            }
            files[file.Name] = (file.Length, file.LastWriteTimeUtc);
            total += file.Length;
        }
        return files;
    }

    private void Remove(string key)
    {
        if (!Files().Remove(key, out var file)) return;
        total -= file.Size;
        File.Delete(PathOf(key));
    }

    private string PathOf(string key) => Path.Combine(folder, key);
}
