using System.Net;
using System.Net.Sockets;

namespace Sternpost.Network;

/// <summary>Which addresses are of the internet, and not of this computer or the networks around it: where users say what to connect to, nothing else is.</summary>
public static class PublicAddress
{
    // The special-purpose registries of RFC 6890, with multicast and what is reserved.
    private static readonly IPNetwork[] Special =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
            "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3", "::/3", "4000::/2", "8000::/1", "2001:db8::/32", "2001::/23", "3fff::/20",
        }.Select(network => IPNetwork.Parse(network)),
    ];

    /// <summary>True for an address of the internet.</summary>
    public static bool Is(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        // 6to4 and NAT64 lead to the IPv4 address within.
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            var octets = address.GetAddressBytes();
            if (octets is [0x20, 0x02, ..]) return Is(new IPAddress(octets.AsSpan(2, 4)));
            if (octets is [0x00, 0x64, 0xff, 0x9b, ..]) return octets.AsSpan(4, 8).IndexOfAnyExcept((byte)0) < 0 && Is(new IPAddress(octets.AsSpan(12)));
        }
        return !Array.Exists(Special, network => network.Contains(address));
    }
}
