using System.Net;
using System.Net.Sockets;

namespace Sternpost.Smtp.Server;

/// <summary>What an address tells without asking anybody.</summary>
internal static class ClientAddress
{
    private static readonly IPNetwork[] Internal =
    [
        // IANA's special-purpose registries: loopback, private use, link-local, shared between provider and customer, unique local.
        IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.168.0.0/16"),
        IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("100.64.0.0/10"),
        IPNetwork.Parse("::1/128"), IPNetwork.Parse("fe80::/10"), IPNetwork.Parse("fc00::/7"),
    ];

    /// <summary>Loopback, private or link-local: DNS knows nothing of it and nobody reaches us from there by chance.</summary>
    internal static bool IsInternal(IPAddress address)
    {
        foreach (var network in Internal)
        {
            if (network.Contains(address)) return true;
        }
        return false;
    }

    /// <summary>The address as an address-literal (RFC 5321 §4.1.3).</summary>
    internal static string Literal(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetworkV6 ? "[IPv6:" + address + "]" : "[" + address + "]";
}
