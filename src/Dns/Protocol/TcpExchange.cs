using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Sternpost.Dns.Protocol;

/// <summary>One DNS message to a server over TCP, and its answer.</summary>
internal static class TcpExchange
{
    /// <summary>Sends a message and returns the octets of the answer.</summary>
    /// <exception cref="SocketException">The server cannot be reached.</exception>
    /// <exception cref="IOException">The connection broke before the answer was whole.</exception>
    internal static async ValueTask<byte[]> AskAsync(IPEndPoint server, ReadOnlyMemory<byte> message, CancellationToken cancellation)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server, cancellation).ConfigureAwait(false);
        await using var stream = new NetworkStream(socket);
        // RFC 1035 §4.2.2: two octets of length.
        var framed = new byte[message.Length + 2];
        BinaryPrimitives.WriteUInt16BigEndian(framed, checked((ushort)message.Length));
        message.CopyTo(framed.AsMemory(2));
        await stream.WriteAsync(framed, cancellation).ConfigureAwait(false);
        var length = new byte[2];
        await stream.ReadExactlyAsync(length, cancellation).ConfigureAwait(false);
        var answer = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
        await stream.ReadExactlyAsync(answer, cancellation).ConfigureAwait(false);
        return answer;
    }
}
