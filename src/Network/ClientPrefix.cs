using System.Net;
using System.Net.Sockets;

namespace Sternpost.Network;

/// <summary>
/// What counts as one peer and as one network of peers. A household or a server has a whole IPv6 /64, so that is what one IPv4
/// address compares with. The width goes into the key so that a peer and its network never share one.
/// </summary>
public static class ClientPrefix
{
    /// <summary>The key of one peer: an IPv4 address, an IPv6 /64.</summary>
    public static UInt128 Host(IPAddress address) => Key(address, 4, 8);

    /// <summary>The key of a network: an IPv4 /24, an IPv6 /48.</summary>
    public static UInt128 Network(IPAddress address) => Key(address, 3, 6);

    private static UInt128 Key(IPAddress address, int v4, int v6)
    {
        Span<byte> octets = stackalloc byte[16];
        address.TryWriteBytes(octets, out var length);
        var width = address.AddressFamily == AddressFamily.InterNetwork ? v4 : v6;
        UInt128 key = (UInt128)((length * 16) + width) << 96;
        for (var i = 0; i < width; i++) key |= (UInt128)octets[i] << (8 * i);
        return key;
    }
}
