using System.Net;
using System.Net.Sockets;
using Sternpost.Dns;

namespace Sternpost.Filter.Judges.DnsLists;

/// <summary>One question to a DNS list (RFC 5782).</summary>
internal static class DnsListQuery
{
    /// <summary>The name under which a list holds an address: octets or nibbles reversed (RFC 5782 §2.1, §2.4).</summary>
    internal static string NameOf(IPAddress address, string zone)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var length);
        var name = new System.Text.StringBuilder(zone.Length + (length * 4));
        for (var i = length - 1; i >= 0; i--)
        {
            if (length == 4) name.Append(bytes[i]).Append('.');
            else name.Append((char)HexDigit(bytes[i] & 15)).Append('.').Append((char)HexDigit(bytes[i] >> 4)).Append('.');
        }
        return name.Append(zone).ToString();
    }

    /// <summary>True where the list answered with a code that means a listing.</summary>
    internal static async Task<bool> IsListedAsync(IDnsResolver resolver, string name, CancellationToken cancellation)
    {
        if (!DomainName.TryParseForQuery(name, out var question)) return false;
        var answer = await resolver.AddressesAsync(question, AddressFamily.InterNetwork, cancellation).ConfigureAwait(false);
        foreach (var code in answer.Records)
        {
            if (MeansListed(code)) return true;
        }
        return false;
    }

    // RFC 5782 §2.1: listings are in 127.0.0.0/8. 127.255.255.0/24 are the lists' complaints about the questioner,
    // and anything else is a domain that has been parked.
    internal static bool MeansListed(IPAddress code)
    {
        var bytes = code.GetAddressBytes();
        return bytes.Length == 4 && bytes[0] == 127 && !(bytes[1] == 255 && bytes[2] == 255) && bytes is not [127, 0, 0, 1];
    }

    private static int HexDigit(int nibble) => nibble < 10 ? '0' + nibble : 'a' + nibble - 10;
}
