using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sternpost.Dns;

/// <summary>Addresses written backwards as labels: for PTR, and for DNS lists that use the same form.</summary>
public static class ReverseName
{
    /// <summary>The labels of an address, last octet or nibble first (RFC 1035 §3.5, RFC 3596 §2.5), without a zone.</summary>
    public static string LabelsOf(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        Span<byte> octets = stackalloc byte[16];
        address.TryWriteBytes(octets, out var length);
        var labels = new StringBuilder(length == 4 ? 16 : 64);
        for (var i = length - 1; i >= 0; i--)
        {
            if (labels.Length > 0) labels.Append('.');
            if (length == 4) labels.Append(octets[i]);
            else labels.Append(Nibble(octets[i] & 0xF)).Append('.').Append(Nibble(octets[i] >> 4));
        }
        return labels.ToString();
    }

    /// <summary>The name to ask for PTR records.</summary>
    public static DomainName Of(IPAddress address) =>
        DomainName.Parse(LabelsOf(address) +
            (address.AddressFamily == AddressFamily.InterNetworkV6 && !address.IsIPv4MappedToIPv6 ? ".ip6.arpa" : ".in-addr.arpa"));

    private static string Nibble(int value) => value.ToString("x", CultureInfo.InvariantCulture);
}
