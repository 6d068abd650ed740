using System.Buffers;
using System.Security.Cryptography;

namespace Sternpost.Storage.Backups;

/// <summary>Files copied and digested in one reading.</summary>
internal static class Digested
{
    private const int Piece = 128 * 1024;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Copies a file, for its owner only and durably; answers the digest of what was copied, in hexadecimal.</summary>
    /// <exception cref="FileNotFoundException">It is gone.</exception>
    internal static async Task<string> CopyAsync(string from, string to, CancellationToken cancellation)
    {
        await using var source = new FileStream(from, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, useAsync: true);
        StableStorage.CreateFolder(Path.GetDirectoryName(to)!);
        var unfinished = Path.Combine(Path.GetDirectoryName(to)!, "." + Path.GetFileName(to) + ".new");
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 0, Options = FileOptions.Asynchronous };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
        string digest;
        await using (var target = new FileStream(unfinished, options))
        {
            digest = await PassAsync(source, target, cancellation).ConfigureAwait(false);
            target.Flush(flushToDisk: true);
        }
        File.Move(unfinished, to, overwrite: true);
        return digest;
    }

    /// <summary>The digest of a file, in hexadecimal.</summary>
    internal static async Task<string> OfAsync(string path, CancellationToken cancellation)
    {
        await using var source = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, useAsync: true);
        return await PassAsync(source, Stream.Null, cancellation).ConfigureAwait(false);
    }

    private static async Task<string> PassAsync(FileStream source, Stream target, CancellationToken cancellation)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var piece = ArrayPool<byte>.Shared.Rent(Piece);
        try
        {
            int read;
            while ((read = await source.ReadAsync(piece, cancellation).ConfigureAwait(false)) > 0)
            {
                digest.AppendData(piece, 0, read);
                await target.WriteAsync(piece.AsMemory(0, read), cancellation).ConfigureAwait(false);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
        return Convert.ToHexStringLower(digest.GetHashAndReset());
    }
}
