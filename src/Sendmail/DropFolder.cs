using System.Globalization;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Sternpost.Sendmail;

/// <summary>
/// The folder in which mail waits while no server takes it. Many users may write into it, so it is made as a mail drop is: owned by the
/// server, mode 3733. Nobody but the server can list it or take another's file away (sticky), new files belong to the server's group
/// (set-group-id), so the server reads what others cannot, and a name nobody can guess keeps them apart. No program with special rights
/// is needed to write.
/// </summary>
/// <remarks>
/// A file is written under its last name and gets its owner's execute bit when all of it is on the disk; without the bit it is half
/// written. Renaming would need another sync of a folder that its writers may not open.
/// </remarks>
[SupportedOSPlatform("linux")]
public sealed class DropFolder(string path)
{
    /// <summary>The mode of a folder for many users.</summary>
    public const UnixFileMode SharedMode = UnixFileMode.StickyBit | UnixFileMode.SetGroup | UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private const UnixFileMode Unfinished = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
    private const uint Finished = 0b111_100_000;
    private const int MaxFiles = 10_000;
    private const long MaxFile = 200_000_000;

    // Room left for those whose disk it is as well.
    private const long LeastFree = 100_000_000;

    /// <summary>Where it is.</summary>
    public string Path => path;

    /// <summary>Makes it for many users, or sets the mode of one that is there.</summary>
    public void Prepare()
    {
        Directory.CreateDirectory(path);
        File.SetUnixFileMode(path, SharedMode);
    }

    /// <summary>Keeps a message; it is on the disk when this returns.</summary>
    /// <exception cref="SendmailException">It cannot be kept.</exception>
    public void Keep(HandedMessage message)
    {
        var octets = message.ToFile();
        var name = System.IO.Path.Combine(path, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds().ToString("D14", CultureInfo.InvariantCulture) + "-" + HandedMessage.NewKey());
        try
        {
            if (new DriveInfo(path).AvailableFreeSpace < LeastFree + octets.Length) throw new SendmailException(ExitCode.TemporaryFailure, $"sendmail: the disk with {path} is full; the message was not kept.");
            using var file = new FileStream(name, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None, UnixCreateMode = Unfinished, BufferSize = 0 });
            file.Write(octets);
            file.Flush(flushToDisk: true);
            var descriptor = (int)file.SafeFileHandle.DangerousGetHandle();
            // The bit says that what was synced just now is whole. syncfs(2) also brings the folder's entry to the disk.
            if (Native.ChangeMode(descriptor, Finished) != 0 || Native.SyncFileSystem(descriptor) != 0)
            {
                File.Delete(name);
                throw new SendmailException(ExitCode.TemporaryFailure, $"sendmail: the message could not be kept in {path}.");
            }
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new SendmailException(ExitCode.TemporaryFailure, $"sendmail: the message could not be kept in {path}: {failed.Message}");
        }
    }

    /// <summary>What waits, the oldest first; only who owns the folder may ask.</summary>
    /// <exception cref="IOException">It cannot be listed.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    public IReadOnlyList<string> Waiting() => Directory.Exists(path)
        ? [.. Directory.EnumerateFiles(path).Select(System.IO.Path.GetFileName).OfType<string>().Where(name => name.Length == 14 + 1 + 32).Order(StringComparer.Ordinal).Take(MaxFiles)]
        : [];

    /// <summary>Opens a file that waits, whole and for this process alone; null where it is not finished, gone, another's, or no message.</summary>
    public WaitingFile? Open(string name)
    {
        if (name.Contains('/', StringComparison.Ordinal)) return null;
        var full = System.IO.Path.Combine(path, name);
        var descriptor = Native.OpenFile(full);
        if (descriptor < 0) return null;
        var file = new FileStream(new SafeFileHandle(descriptor, ownsHandle: true), FileAccess.Read, bufferSize: 0);
        try
        {
            if (Native.LockFile(descriptor) != 0 || FileIdentity.Of(file.SafeFileHandle) is not { IsRegular: true, Links: 1 } identity || (identity.Mode & 0b001_000_000) == 0 || !BelongsHere(identity) || file.Length > MaxFile) return Closed(file);
            var octets = new byte[file.Length];
            file.ReadExactly(octets);
            return HandedMessage.FromFile(octets) is { } message ? new WaitingFile(file, full, identity.UserId, message) : Closed(file);
        }
        catch (IOException)
        {
            // Cut short while it was read: its writer's doing.
            return Closed(file);
        }
    }

    // A file made elsewhere and linked in after its other name went has its old group; one made in a set-group-id folder has the folder's.
    private bool BelongsHere(FileIdentity file) =>
        FileIdentity.Of(path) is { } folder && ((folder.Mode & (int)UnixFileMode.SetGroup) == 0 ? file.UserId == folder.UserId : file.GroupId == folder.GroupId);

    private static WaitingFile? Closed(FileStream file)
    {
        file.Dispose();
        return null;
    }
}

/// <summary>A file of the drop folder, held open so that nobody else sends it.</summary>
public sealed class WaitingFile : IDisposable
{
    private readonly FileStream file;
    private readonly string path;

    internal WaitingFile(FileStream file, string path, uint userId, HandedMessage message)
    {
        this.file = file;
        this.path = path;
        UserId = userId;
        Message = message;
    }

    /// <summary>Who wrote it, as the kernel says.</summary>
    public uint UserId { get; }

    /// <summary>What it holds.</summary>
    public HandedMessage Message { get; }

    /// <summary>It is settled.</summary>
    public void Remove() => File.Delete(path);

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();
}
