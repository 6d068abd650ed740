using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Sternpost.Network.Local;

namespace Sternpost.Network;

/// <summary>The sockets that listeners accept on.</summary>
public static class ListenSockets
{
    /// <summary>
    /// A bound socket. One on <c>::</c> is for IPv6 alone: left to itself it would take IPv4 too, and then nothing could listen on
    /// <c>0.0.0.0</c> beside it, which is what the configuration names by default.
    /// </summary>
    public static Socket Bound(EndPoint endPoint)
    {
        if (endPoint is UnixDomainSocketEndPoint local) return LocalSocket.Bound(local, local.ToString());
        if (endPoint is not IPEndPoint { Address: var address } || !address.Equals(IPAddress.IPv6Any)) return SocketTransportOptions.CreateDefaultBoundListenSocket(endPoint);
        var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = false };
        try
        {
            socket.Bind(endPoint);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
