using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sternpost.Smtp.Grammar;

/// <summary>address-literal (RFC 5321 §4.1.3): <c>[192.0.2.1]</c> or <c>[IPv6:2001:db8::1]</c>. General-address-literal has no registered use.</summary>
internal static class AddressLiteral
{
    // [IPv6: and the longest address, with an IPv4 tail.
    private const int MaxLength = 53;

    private static readonly SearchValues<byte> AddressOctets = SearchValues.Create("0123456789abcdefABCDEF:."u8);

    /// <summary>Reads a literal off the front of <paramref name="text"/>, which keeps what follows it.</summary>
    internal static bool TryRead(ref ReadOnlySpan<byte> text, out IPAddress? address)
    {
        address = null;
        var end = text.IndexOf((byte)']');
        if (text.IsEmpty || text[0] != '[' || end < 0 || end >= MaxLength) return false;
        var content = text[1..end];
        text = text[(end + 1)..];
        var v6 = content.Length > 5 && Ascii.EqualsIgnoreCase(content[..5], "IPv6:"u8);
        if (v6) content = content[5..];
        // IPAddress reads zone identifiers, prefixes and short forms of IPv4 too; none of them is a literal.
        if (content.IndexOfAnyExcept(AddressOctets) >= 0) return false;
        if (!v6 && content.Count((byte)'.') != 3) return false;
        return IPAddress.TryParse(Encoding.ASCII.GetString(content), out address)
            && address.AddressFamily == (v6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork);
    }
}
