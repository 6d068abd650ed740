using Microsoft.Win32.SafeHandles;

namespace Sternpost.Sendmail;

/// <summary>Files that others may have put where they are: read only where they are files, never through a link that leads to what their owner could not read.</summary>
public static class RegularFile
{
    /// <summary>Opens a file for reading; null where it is a symbolic link, a pipe, a device, a folder, or gone.</summary>
    public static FileStream? Open(string path)
    {
        if (!OperatingSystem.IsLinux()) return new FileInfo(path) is { Exists: true, LinkTarget: null } ? new FileStream(path, FileMode.Open, FileAccess.Read) : null;
        var descriptor = Native.OpenFile(path);
        if (descriptor < 0) return null;
        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        if (FileIdentity.Of(handle) is { IsRegular: true }) return new FileStream(handle, FileAccess.Read, bufferSize: 0);
        handle.Dispose();
        return null;
    }
}
