using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Sternpost.Sendmail;

/// <summary>Whose a file is, as the kernel says (statx(2)); .NET itself does not tell.</summary>
/// <param name="UserId">Its owner.</param>
/// <param name="GroupId">Its group.</param>
/// <param name="Mode">Type and permissions, as st_mode.</param>
/// <param name="Links">Names it has.</param>
public readonly record struct FileIdentity(uint UserId, uint GroupId, int Mode, uint Links)
{
    private const int AtCurrentFolder = -100;
    private const int EmptyPath = 0x1000;
    private const uint BasicStats = 0x7ff;
    private const int TypeMask = 0xF000;
    private const int Regular = 0x8000;

    /// <summary>True for a file, false for links, devices and the rest.</summary>
    public bool IsRegular => (Mode & TypeMask) == Regular;

    /// <summary>What a path leads to; null where it leads nowhere.</summary>
    [SupportedOSPlatform("linux")]
    public static FileIdentity? Of(string path) => Ask(AtCurrentFolder, path, 0);

    /// <summary>An open file.</summary>
    [SupportedOSPlatform("linux")]
    public static FileIdentity? Of(SafeFileHandle file) => Ask((int)file.DangerousGetHandle(), "", EmptyPath);

    // The kernel fixes this layout for all architectures.
    private static FileIdentity? Ask(int folder, string path, int flags) =>
        Native.Statx(folder, path, flags, BasicStats, out var status) == 0 ? new FileIdentity(status.UserId, status.GroupId, status.Mode, status.Links) : null;

    [StructLayout(LayoutKind.Explicit, Size = 256)]
    internal struct Status
    {
        [FieldOffset(16)] public uint Links;
        [FieldOffset(20)] public uint UserId;
        [FieldOffset(24)] public uint GroupId;
        [FieldOffset(28)] public ushort Mode;
    }
}

/// <summary>The few calls of the C library that .NET has no name for.</summary>
internal static partial class Native
{
    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Statx(int folder, string path, int flags, uint mask, out FileIdentity.Status status);

    [LibraryImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    internal static partial int SyncFileSystem(int file);

    [LibraryImport("libc", EntryPoint = "fchmod", SetLastError = true)]
    internal static partial int ChangeMode(int file, uint mode);

    /// <summary>Opens for reading; -1 where it cannot be opened, or is a symbolic link. What is a pipe or a device does not keep the caller waiting.</summary>
    internal static int OpenFile(string path)
    {
        // O_NONBLOCK | O_CLOEXEC; O_NOFOLLOW has another number on ARM.
        var noFollow = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? 0x8000 : 0x20000;
        return Open(path, 0x800 | 0x80000 | noFollow);
    }

    /// <summary>LOCK_EX | LOCK_NB of flock(2): 0 where the lock was had.</summary>
    internal static int LockFile(int file) => Lock(file, 2 | 4);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int Lock(int file, int operation);
}
