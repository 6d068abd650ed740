using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Sternpost.Storage.Backups;

/// <summary>What a backup says of itself; the last file written of it, so that one that broke off has none.</summary>
/// <param name="Format">1; a higher one was written by a newer release.</param>
/// <param name="Program">The release that made it.</param>
/// <param name="Made">When.</param>
/// <param name="Source">The data folder it was made of.</param>
/// <param name="Files">How many files it holds.</param>
/// <param name="Octets">How large they are together.</param>
/// <param name="ListSha256">The digest of <see cref="BackupFolder.ListName"/>, in hexadecimal.</param>
public sealed record BackupManifest(int Format, string Program, DateTimeOffset Made, string Source, int Files, long Octets, string ListSha256);

/// <summary>A file of a backup.</summary>
/// <param name="Path">Where it lies, with slashes, from the backup's folder.</param>
/// <param name="Sha256">Its digest, in hexadecimal.</param>
internal sealed record BackupFile(string Path, string Sha256);

/// <summary>
/// How a backup lies on disk: the files of a data folder in their places, a list of their digests in the form of sha256sum, so that it can be checked
/// without this program, and the manifest.
/// </summary>
internal sealed class BackupFolder(string path)
{
    internal const string ManifestName = "backup.json", ListName = "files.sha256", DatabaseName = "sternpost.db", BlobsName = "blobs";
    internal const int Format = 1;

    // A line of the list is a digest, two spaces and a path; no file of ours has a path this long.
    private const int LongestLine = 4096 + 66;

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true };

    internal string PathOf(string relative) => Path.Combine(path, relative.Replace('/', Path.DirectorySeparatorChar));

    internal bool Exists => File.Exists(PathOf(ManifestName));

    /// <summary>Says that what is here is not whole.</summary>
    internal void Open()
    {
        File.Delete(PathOf(ManifestName));
        StableStorage.SyncFolder(path);
    }

    /// <summary>Says that what is here is whole.</summary>
    internal BackupManifest Close(IReadOnlyList<BackupFile> files, string program, DateTimeOffset made, string source)
    {
        var list = new StringBuilder();
        foreach (var file in files) list.Append(file.Sha256).Append("  ").Append(file.Path).Append('\n');
        var octets = Encoding.UTF8.GetBytes(list.ToString());
        WriteWhole(ListName, octets);
        var manifest = new BackupManifest(Format, program, made, source, files.Count, files.Sum(file => new FileInfo(PathOf(file.Path)).Length), Convert.ToHexStringLower(SHA256.HashData(octets)));
        WriteWhole(ManifestName, JsonSerializer.SerializeToUtf8Bytes(manifest, Json));
        return manifest;
    }

    /// <summary>Reads what a backup says of itself.</summary>
    /// <exception cref="BackupException">There is none, it is not whole, or it cannot be read; the message says which and what to do.</exception>
    internal (BackupManifest Manifest, IReadOnlyList<BackupFile> Files) Read()
    {
        if (!Directory.Exists(path)) throw new BackupException($"There is no folder {Path.GetFullPath(path)}.");
        if (!Exists) throw new BackupException($"{Path.GetFullPath(path)} holds no whole backup: {ManifestName} is missing, which is written last. Make it again with: sternpost backup {path}");
        BackupManifest? manifest;
        try
        {
            manifest = JsonSerializer.Deserialize<BackupManifest>(File.ReadAllBytes(PathOf(ManifestName)), Json);
        }
        catch (JsonException broken)
        {
            throw new BackupException($"{PathOf(ManifestName)} cannot be read: {broken.Message}");
        }
        if (manifest is null || manifest.Format > Format) throw new BackupException($"The backup in {Path.GetFullPath(path)} was made by a newer release ({manifest?.Program}); restore it with that one.");
        if (!File.Exists(PathOf(ListName))) throw new BackupException($"{PathOf(ListName)} is missing, so nothing here can be checked.");
        var octets = File.ReadAllBytes(PathOf(ListName));
        if (Convert.ToHexStringLower(SHA256.HashData(octets)) != manifest.ListSha256) throw new BackupException($"{PathOf(ListName)} is not as it was written; the backup is damaged.");
        var files = new List<BackupFile>();
        foreach (var line in Encoding.UTF8.GetString(octets).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            // The list may come from anywhere: nothing outside the folder is named by it.
            if (line.Length is < 67 or > LongestLine || line[64..66] != "  " || line[66..].Split('/').Any(part => part is "" or "." or "..") || Path.IsPathRooted(line[66..]))
                throw new BackupException($"{PathOf(ListName)} has a line that names no file of a backup: {line}");
            files.Add(new BackupFile(line[66..], line[..64]));
        }
        return (manifest, files);
    }

    private void WriteWhole(string name, byte[] octets)
    {
        var unfinished = PathOf("." + name);
        using (var file = new FileStream(unfinished, FileMode.Create, FileAccess.Write))
        {
            file.Write(octets);
            file.Flush(flushToDisk: true);
        }
        File.Move(unfinished, PathOf(name), overwrite: true);
        StableStorage.SyncFolder(path);
    }

    internal static string BlobPath(long id) =>
        string.Create(CultureInfo.InvariantCulture, $"{BlobsName}/{BlobFiles.NameOf(id)}");
}

/// <summary>A backup cannot be made or restored; the message says why and what to do.</summary>
public sealed class BackupException(string message) : Exception(message);
