using System.Net;

namespace Sternpost.Dns;

/// <summary>
/// The well-known resolvers that anybody may use. DNS lists answer them wrongly or not at all, because they cannot tell who asks,
/// and their word on DNSSEC travels over a network anybody may sit on.
/// </summary>
public static class PublicResolvers
{
    private static readonly IPNetwork[] Networks =
    [
        // Cloudflare.
        IPNetwork.Parse("1.1.1.0/24"), IPNetwork.Parse("1.0.0.0/24"), IPNetwork.Parse("2606:4700:4700::/48"),
        // Google.
        IPNetwork.Parse("8.8.8.0/24"), IPNetwork.Parse("8.8.4.0/24"), IPNetwork.Parse("2001:4860:4860::/48"),
        // Quad9.
        IPNetwork.Parse("9.9.9.0/24"), IPNetwork.Parse("149.112.112.0/24"), IPNetwork.Parse("2620:fe::/48"),
        // OpenDNS.
        IPNetwork.Parse("208.67.220.0/24"), IPNetwork.Parse("208.67.222.0/24"), IPNetwork.Parse("2620:119:35::/48"), IPNetwork.Parse("2620:119:53::/48"),
        // AdGuard, DNS.WATCH, Verisign and Level 3.
        IPNetwork.Parse("94.140.14.0/24"), IPNetwork.Parse("94.140.15.0/24"), IPNetwork.Parse("84.200.69.0/24"), IPNetwork.Parse("84.200.70.0/24"),
        IPNetwork.Parse("64.6.64.0/24"), IPNetwork.Parse("64.6.65.0/24"), IPNetwork.Parse("4.2.2.0/29"),
    ];

    /// <summary>True where the address is one of them.</summary>
    public static bool Contains(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        foreach (var network in Networks)
        {
            if (network.Contains(address)) return true;
        }
        return false;
    }
}
