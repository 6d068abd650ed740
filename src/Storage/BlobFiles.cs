using System.Globalization;

namespace Sternpost.Storage;

/// <summary>The files of large blobs: named by their id, spread over 256 folders by the id's milliseconds.</summary>
internal sealed class BlobFiles
{
    private readonly string folder;

    internal BlobFiles(string folder)
    {
        this.folder = folder;
        StableStorage.CreateFolder(folder);
    }

    /// <summary>Writes the file; when this returns, file and name are on stable storage.</summary>
    internal void Write(long id, ReadOnlySpan<byte> content)
    {
        var path = PathOf(id);
        var parent = Path.GetDirectoryName(path)!;
        StableStorage.CreateFolder(parent);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0, PreallocationSize = content.Length };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new FileStream(path, options))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }
        StableStorage.SyncFolder(parent);
    }

    internal bool Exists(long id) => File.Exists(PathOf(id));

    /// <summary>Fills <paramref name="content"/> from <paramref name="offset"/>; false where the file is gone.</summary>
    /// <exception cref="IOException">The file is shorter than its row says.</exception>
    internal bool Read(long id, Span<byte> content, long offset = 0)
    {
        try
        {
            using var file = File.OpenHandle(PathOf(id));
            var read = 0;
            while (read < content.Length)
            {
                var more = RandomAccess.Read(file, content[read..], offset + read);
                if (more == 0) throw new IOException($"The file of blob {id:x16} ends at {offset + read}.");
                read += more;
            }
            return true;
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
    }

    internal void Delete(long id)
    {
        try
        {
            File.Delete(PathOf(id));
        }
        catch (Exception kept) when (kept is IOException or UnauthorizedAccessException)
        {
            // It takes room and does no other harm; the next sweep tries again.
        }
    }

    /// <summary>The ids of files last written longer ago than <paramref name="age"/>, by the clock of the file system.</summary>
    internal IEnumerable<long> OlderThan(TimeSpan age)
    {
        var time = TimeProvider.System.GetUtcNow().UtcDateTime - age;
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories))
        {
            if (long.TryParse(file.Name, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var id) && file.LastWriteTimeUtc < time) yield return id;
        }
    }

    /// <summary>The name of a blob's file within the folder, with a slash.</summary>
    internal static string NameOf(long id) => string.Create(CultureInfo.InvariantCulture, $"{(id >> 22) & 0xff:x2}/{id:x16}");

    internal string PathOf(long id) => Path.Combine(folder, NameOf(id));
}
