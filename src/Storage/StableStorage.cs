using System.Runtime.InteropServices;

namespace Sternpost.Storage;

/// <summary>What makes a name durable: a new file or folder is only certain to be found after a crash once the folder that holds its name has been synced.</summary>
internal static partial class StableStorage
{
    private const int ReadOnly = 0;
    // O_CLOEXEC differs between kernels; a descriptor open for a moment needs none.

    /// <summary>Creates the folder (for its owner only) where it is missing, durably.</summary>
    internal static void CreateFolder(string path)
    {
        if (Directory.Exists(path)) return;
        var full = Path.GetFullPath(path);
        if (Path.GetDirectoryName(full) is { } parent && !Directory.Exists(parent)) CreateFolder(parent);
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(full);
        else Directory.CreateDirectory(full, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if (Path.GetDirectoryName(full) is { } holder) SyncFolder(holder);
    }

    /// <summary>Syncs the names in a folder. .NET has no way to do this; on Windows there is none and none is needed.</summary>
    internal static void SyncFolder(string path)
    {
        if (OperatingSystem.IsWindows()) return;
        var descriptor = Open(path, ReadOnly);
        if (descriptor < 0) throw Failed("open", path);
        try
        {
            if (Sync(descriptor) != 0) throw Failed("sync", path);
        }
        finally
        {
            Close(descriptor);
        }
    }

    private static IOException Failed(string what, string path) =>
        new($"Could not {what} the folder {path}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Close(int descriptor);
}
