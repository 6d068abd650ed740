using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Sternpost.Dialogue;

/// <summary>Writes a PROXY protocol version 2 header, as a load balancer in front of us would.</summary>
internal static class ProxyHeader
{
    /// <summary>Command PROXY over TCP, from <paramref name="client"/> to <paramref name="server"/>; IPv4 is mapped where the families differ.</summary>
    public static byte[] Version2(IPEndPoint client, IPEndPoint server)
    {
        var wide = client.AddressFamily == AddressFamily.InterNetworkV6 || server.AddressFamily == AddressFamily.InterNetworkV6;
        var from = Octets(client.Address, wide);
        var to = Octets(server.Address, wide);
        var header = new byte[16 + from.Length + to.Length + 4];
        "\r\n\r\n\0\r\nQUIT\n"u8.CopyTo(header);
        header[12] = 0x21;
        header[13] = wide ? (byte)0x21 : (byte)0x11;
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(14), (ushort)(from.Length + to.Length + 4));
        from.CopyTo(header, 16);
        to.CopyTo(header, 16 + from.Length);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(header.Length - 4), (ushort)client.Port);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(header.Length - 2), (ushort)server.Port);
        return header;
    }

    private static byte[] Octets(IPAddress address, bool wide) => (wide ? address.MapToIPv6() : address).GetAddressBytes();
}
