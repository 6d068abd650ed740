namespace Sternpost.Storage.Backups;

/// <summary>Brings a backup back as a data folder, and checks one where it lies.</summary>
public static class Restoration
{
    /// <summary>Reads every file of a backup and compares it with the digest it had. Answers what is wrong, a sentence each.</summary>
    /// <exception cref="BackupException">There is no whole backup.</exception>
    public static async Task<(BackupManifest Manifest, IReadOnlyList<string> Wrong)> CheckAsync(string folder, IProgress<string> progress, CancellationToken cancellation)
    {
        var backup = new BackupFolder(folder);
        var (manifest, files) = backup.Read();
        var wrong = new List<string>();
        for (var i = 0; i < files.Count; i++)
        {
            progress.Report($"Reading file {i + 1} of {files.Count}");
            if (!File.Exists(backup.PathOf(files[i].Path))) wrong.Add($"{files[i].Path} is missing.");
            else if (await Digested.OfAsync(backup.PathOf(files[i].Path), cancellation).ConfigureAwait(false) != files[i].Sha256) wrong.Add($"{files[i].Path} is not as it was written.");
        }
        return (manifest, wrong);
    }

    /// <summary>
    /// Copies a backup to where a data folder is to be, whole or not at all: each file is compared with its digest on the way, and the folder gets its name last.
    /// </summary>
    /// <param name="folder">The backup.</param>
    /// <param name="target">The data folder; missing or empty.</param>
    /// <param name="prepare">What is to be done with the data before it is in its place, given its folder.</param>
    /// <param name="progress">Told what is being done.</param>
    /// <param name="cancellation">Gives up; nothing is restored then.</param>
    /// <exception cref="BackupException">There is no whole backup, it is damaged, or something is where the data folder is to be.</exception>
    public static async Task<BackupManifest> RestoreAsync(string folder, string target, Func<string, Task> prepare, IProgress<string> progress, CancellationToken cancellation)
    {
        var backup = new BackupFolder(folder);
        var (manifest, files) = backup.Read();
        var place = Path.TrimEndingDirectorySeparator(Path.GetFullPath(target));
        if (File.Exists(place) || (Directory.Exists(place) && Directory.EnumerateFileSystemEntries(place).Any()))
            throw new BackupException($"{place} is not empty, and nothing there is overwritten. Stop the server, move it aside (mv {place} {place}.old), and restore again; or name another folder with --data.");
        var unfinished = Path.Combine(Path.GetDirectoryName(place)!, $".{Path.GetFileName(place)}.{Path.GetRandomFileName()}");
        StableStorage.CreateFolder(unfinished);
        try
        {
            for (var i = 0; i < files.Count; i++)
            {
                progress.Report($"Copying file {i + 1} of {files.Count}");
                if (!File.Exists(backup.PathOf(files[i].Path))) throw Damaged(files[i].Path, "is missing");
                if (await Digested.CopyAsync(backup.PathOf(files[i].Path), Path.Combine(unfinished, files[i].Path), cancellation).ConfigureAwait(false) != files[i].Sha256)
                    throw Damaged(files[i].Path, "is not as it was written");
            }
            await prepare(unfinished).ConfigureAwait(false);
            if (Directory.Exists(place)) Directory.Delete(place);
            foreach (var each in Directory.EnumerateDirectories(unfinished, "*", SearchOption.AllDirectories)) StableStorage.SyncFolder(each);
            StableStorage.SyncFolder(unfinished);
            Directory.Move(unfinished, place);
            StableStorage.SyncFolder(Path.GetDirectoryName(place)!);
        }
        catch
        {
            Directory.Delete(unfinished, recursive: true);
            throw;
        }
        return manifest;
    }

    private static BackupException Damaged(string path, string how) =>
        new($"{path} {how}, so the backup is damaged and nothing was restored. Restore an older backup; or find what is damaged with: sternpost verify --backup DIR");
}
