using System.Buffers.Binary;
using System.Net.Sockets;

namespace Sternpost.Network.Local;

/// <summary>Who is at the other end of a socket on this computer, by the kernel's word (SO_PEERCRED of unix(7)).</summary>
/// <param name="ProcessId">The process that connected.</param>
/// <param name="UserId">Its user then.</param>
/// <param name="GroupId">Its group then.</param>
public sealed record PeerCredentials(int ProcessId, uint UserId, uint GroupId)
{
    private const int SocketLevel = 1;
    private const int PeerCredentialsOption = 17;

    /// <summary>Asks; null where the system does not tell.</summary>
    internal static PeerCredentials? Of(Socket socket)
    {
        if (!OperatingSystem.IsLinux()) return null;
        // struct ucred: pid, uid, gid, four octets each.
        Span<byte> answer = stackalloc byte[12];
        try
        {
            if (socket.GetRawSocketOption(SocketLevel, PeerCredentialsOption, answer) < answer.Length) return null;
        }
        catch (SocketException)
        {
            return null;
        }
        return BitConverter.IsLittleEndian
            ? new PeerCredentials(BinaryPrimitives.ReadInt32LittleEndian(answer), BinaryPrimitives.ReadUInt32LittleEndian(answer[4..]), BinaryPrimitives.ReadUInt32LittleEndian(answer[8..]))
            : new PeerCredentials(BinaryPrimitives.ReadInt32BigEndian(answer), BinaryPrimitives.ReadUInt32BigEndian(answer[4..]), BinaryPrimitives.ReadUInt32BigEndian(answer[8..]));
    }
}
