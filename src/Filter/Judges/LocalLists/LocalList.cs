using System.Net;
using System.Net.Sockets;
using Sternpost.Dns;
using Sternpost.Messages.Addresses;

namespace Sternpost.Filter.Judges.LocalLists;

/// <summary>
/// The administrator's own list of networks (<c>192.0.2.0/24</c>), domains (<c>example.com</c>, its subdomains with it) and addresses
/// (<c>someone@example.com</c>). Looking up costs the same however long it is.
/// </summary>
public sealed class LocalList
{
    private readonly HashSet<(int Length, UInt128 Prefix)> networks = [];
    private readonly SortedSet<int> lengths = [];
    private readonly HashSet<string> domains = new(StringComparer.Ordinal);
    private readonly HashSet<string> addresses = new(StringComparer.Ordinal);

    /// <summary>A list with nothing in it.</summary>
    public static LocalList Empty { get; } = new();

    /// <summary>True where there is nothing in it.</summary>
    public bool IsEmpty => networks.Count + domains.Count + addresses.Count == 0;

    /// <summary>Adds an entry; false where it is neither a network, nor a domain, nor an address.</summary>
    public bool TryAdd(string entry)
    {
        if (IPNetwork.TryParse(entry, out var network)) AddNetwork(network.BaseAddress, network.PrefixLength);
        else if (IPAddress.TryParse(entry, out var single) && (entry.Contains(':', StringComparison.Ordinal) || entry.Count(c => c == '.') == 3)) AddNetwork(single, single.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);
        else if (EmailAddress.TryParse(entry, out var address)) addresses.Add(address.Key);
        else if (DomainName.TryParse(entry, out var domain)) domains.Add(domain.Ascii);
        else return false;
        return true;
    }

    /// <summary>Whether an address, or a domain it lies in, is on the list.</summary>
    public bool Has(EmailAddress address) => addresses.Contains(address.Key) || Find(address.Domain) is not null;

    /// <summary>Whether a client's address lies in one of the networks.</summary>
    internal bool Has(IPAddress client)
    {
        if (lengths.Count == 0) return false;
        var bits = Bits(client);
        var v4 = client.AddressFamily == AddressFamily.InterNetwork;
        foreach (var length in lengths)
        {
            if ((!v4 || length >= 96) && networks.Contains((length, Cut(bits, length)))) return true;
        }
        return false;
    }

    /// <summary>The entry that an address or one of its domains stands under; null where there is none.</summary>
    internal string? Find(string address)
    {
        if (address.Length == 0 || !EmailAddress.TryParse(address, out var parsed)) return null;
        return addresses.Contains(parsed.Key) ? parsed.Key : Find(parsed.Domain);
    }

    internal string? Find(DomainName domain)
    {
        if (domains.Count == 0) return null;
        for (var name = domain; name is not null; name = name.Parent)
        {
            if (domains.Contains(name.Ascii)) return name.Ascii;
        }
        return null;
    }

    private void AddNetwork(IPAddress address, int length)
    {
        var whole = address.AddressFamily == AddressFamily.InterNetwork ? 96 + length : length;
        networks.Add((whole, Cut(Bits(address), whole)));
        lengths.Add(whole);
    }

    // IPv4 addresses among the mapped ones (RFC 4291 §2.5.5.2), so that both kinds are numbers of one length.
    private static UInt128 Bits(IPAddress address)
    {
        UInt128 bits = 0;
        foreach (var octet in address.MapToIPv6().GetAddressBytes()) bits = (bits << 8) | octet;
        return bits;
    }

    private static UInt128 Cut(UInt128 bits, int length) => length == 0 ? 0 : bits >> (128 - length);
}
