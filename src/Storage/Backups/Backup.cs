using System.Globalization;

namespace Sternpost.Storage.Backups;

/// <summary>What a backup came to.</summary>
/// <param name="Manifest">What it says of itself.</param>
/// <param name="Copied">Files that had to be copied; the others were there from an earlier one.</param>
/// <param name="Damaged">Contents of messages that are not as they were stored. The backup has them as they are.</param>
public sealed record BackupSummary(BackupManifest Manifest, int Copied, IReadOnlyList<string> Damaged);

/// <summary>
/// A consistent copy of a data folder whose server may run: the database as of one moment, the large contents it refers to, and every other file.
/// Made again into the same folder it copies only what is new.
/// </summary>
public static class Backup
{
    // A content may be deleted by the running server between the database's copy and its own; the database is copied anew then. What was
    // copied stays, so that each try has only to copy what came since.
    private const int Tries = 20;

    private static readonly string[] NotCopied = [BackupFolder.DatabaseName, BackupFolder.DatabaseName + "-wal", BackupFolder.DatabaseName + "-shm", BackupFolder.DatabaseName + "-journal"];

    /// <summary>Makes it.</summary>
    /// <param name="database">The data folder's database.</param>
    /// <param name="folder">Where to: a folder that is missing or empty, or holds an earlier backup.</param>
    /// <param name="program">The release that makes it.</param>
    /// <param name="time">The clock.</param>
    /// <param name="progress">Told what is being done.</param>
    /// <param name="cancellation">Gives up; what is there is no whole backup then.</param>
    /// <exception cref="BackupException">The folder holds something else.</exception>
    public static async Task<BackupSummary> MakeAsync(Database database, string folder, string program, TimeProvider time, IProgress<string> progress, CancellationToken cancellation)
    {
        var target = new BackupFolder(folder);
        Prepare(database, folder, target);
        target.Open();
        var files = new List<BackupFile>();
        var copied = 0;
        foreach (var path in OtherFiles(database.Folder))
        {
            try
            {
                files.Add(new BackupFile(path, await Digested.CopyAsync(Path.Combine(database.Folder, path), target.PathOf(path), cancellation).ConfigureAwait(false)));
                copied++;
            }
            catch (IOException socket) when (socket.HResult == OpenedSocket)
            {
                // A socket of another program, with a name of its own: nothing lies in it.
            }
            catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
            {
                // It was there a moment ago and was nobody's last copy: a file on its way to another name.
            }
        }
        var (damaged, fresh) = (new List<string>(), 0);
        for (var tries = 1; ; tries++)
        {
            progress.Report("Copying the database");
            var made = time.GetUtcNow();
            await database.CopyAsync(target.PathOf("." + BackupFolder.DatabaseName), cancellation).ConfigureAwait(false);
            var contents = await LargeContentsAsync(target.PathOf("." + BackupFolder.DatabaseName), cancellation).ConfigureAwait(false);
            if (await CopyContentsAsync(database, target, contents, damaged, () => progress.Report($"Copying large messages: {++fresh}"), cancellation).ConfigureAwait(false) || tries == Tries)
            {
                File.Move(target.PathOf("." + BackupFolder.DatabaseName), target.PathOf(BackupFolder.DatabaseName), overwrite: true);
                files.Add(new BackupFile(BackupFolder.DatabaseName, await Digested.OfAsync(target.PathOf(BackupFolder.DatabaseName), cancellation).ConfigureAwait(false)));
                files.AddRange(contents.Where(content => File.Exists(target.PathOf(BackupFolder.BlobPath(content.Id)))).Select(content => new BackupFile(BackupFolder.BlobPath(content.Id), content.Sha256)));
                damaged.AddRange(contents.Where(content => !File.Exists(target.PathOf(BackupFolder.BlobPath(content.Id)))).Select(content => $"the content {content.Id:x16} is missing"));
                RemoveOthers(folder, files);
                return new BackupSummary(target.Close(files, program, made, Path.GetFullPath(database.Folder)), copied + fresh + 1, damaged);
            }
        }
    }

    private static void Prepare(Database database, string folder, BackupFolder target)
    {
        var (from, to) = (Path.GetFullPath(database.Folder), Path.GetFullPath(folder));
        if (to == from || to.StartsWith(from + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw new BackupException($"A backup inside the data folder would be lost with it, and be part of the next one. Name a folder outside {from}, best on another disk or machine.");
        StableStorage.CreateFolder(folder);
        // A backup that broke off has no manifest, but its database is there under one of two names, or nothing but what we write first.
        if (!target.Exists && Directory.EnumerateFileSystemEntries(folder).Any() && !File.Exists(target.PathOf(BackupFolder.ListName)) && !File.Exists(target.PathOf(UnfinishedName)))
            throw new BackupException($"{to} is not empty and holds no backup. Name an empty folder, or one with an earlier backup, of which only what is new is copied.");
        File.WriteAllText(target.PathOf(UnfinishedName), "A backup is being made here, or broke off. Make it again into this folder; what is whole is not copied twice.\n");
    }

    private const string UnfinishedName = "unfinished";

    // open(2) of a UNIX socket: ENXIO.
    private const int OpenedSocket = 6;

    private static IEnumerable<string> OtherFiles(string folder)
    {
        var options = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.Device };
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles("*", options))
        {
            var path = Path.GetRelativePath(folder, file.FullName).Replace(Path.DirectorySeparatorChar, '/');
            // Indexes are made anew, and a copy of one in use would be torn. What begins with a dot is being written, here and wherever this program writes files.
            if (path.Split('/') is [BackupFolder.BlobsName or SearchFile.FolderName, _, ..] || NotCopied.Contains(path) || path.Split('/').Any(part => part.StartsWith('.'))) continue;
            // A lock holds nothing, and whoever holds it lets nobody read it.
            if (file.Extension is ".sock" or ".socket" or ".lock") continue;
            yield return path;
        }
    }

    private static async Task<List<(long Id, string Sha256, long Size)>> LargeContentsAsync(string file, CancellationToken cancellation)
    {
        await using var copy = DatabaseCopy.Open(file);
        return copy.Query("select id, sha256, size from blobs where data is null order by id", row => (row.GetInt64(0), Convert.ToHexStringLower(row.GetFieldValue<byte[]>(1)), row.GetInt64(2)), cancellation);
    }

    // False where one is gone; all others are copied even so.
    private static async Task<bool> CopyContentsAsync(Database database, BackupFolder target, List<(long Id, string Sha256, long Size)> contents, List<string> damaged, Action copied, CancellationToken cancellation)
    {
        var all = true;
        foreach (var (id, sha256, size) in contents)
        {
            var (from, to) = (Path.Combine(database.Folder, BackupFolder.BlobPath(id)), new FileInfo(target.PathOf(BackupFolder.BlobPath(id))));
            // Contents never change, so what is there in its whole length is this one; it came to its name whole.
            if (to.Exists && to.Length == size) continue;
            try
            {
                if (await Digested.CopyAsync(from, to.FullName, cancellation).ConfigureAwait(false) != sha256)
                    damaged.Add(string.Create(CultureInfo.InvariantCulture, $"the content {id:x16} ({from}) is not as it was stored"));
                copied();
            }
            catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
            {
                all = false;
            }
        }
        return all;
    }

    // What an earlier backup had and this one has no more.
    private static void RemoveOthers(string folder, List<BackupFile> files)
    {
        var kept = files.Select(file => file.Path).Append(BackupFolder.ListName).ToHashSet(StringComparer.Ordinal);
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).ToList())
        {
            if (!kept.Contains(Path.GetRelativePath(folder, file.FullName).Replace(Path.DirectorySeparatorChar, '/'))) file.Delete();
        }
    }
}
