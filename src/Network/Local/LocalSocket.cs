using System.Net;
using System.Net.Sockets;

namespace Sternpost.Network.Local;

/// <summary>A socket in the file system at which programs of this computer connect.</summary>
internal static class LocalSocket
{
    // Everybody may connect: who he is the kernel tells, and what he may is decided by that.
    private const UnixFileMode ForEverybody = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>A bound socket. The file of a server that is gone is replaced; one at which somebody answers is not.</summary>
    internal static Socket Bound(UnixDomainSocketEndPoint endPoint, string path)
    {
        if (File.Exists(path) && !Answers(endPoint)) File.Delete(path);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(endPoint);
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, ForEverybody);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>An address under which the connections of one user are counted; no network has it.</summary>
    internal static IPAddress CountedAs(uint userId) =>
        new([0xfd, 0, (byte)(userId >> 24), (byte)(userId >> 16), (byte)(userId >> 8), (byte)userId, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);

    private static bool Answers(UnixDomainSocketEndPoint endPoint)
    {
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(endPoint);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
