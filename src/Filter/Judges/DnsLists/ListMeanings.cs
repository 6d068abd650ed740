using System.Net;

namespace Sternpost.Filter.Judges.DnsLists;

/// <summary>What a listing means.</summary>
/// <param name="Factor">By what the list's weight is multiplied; negative for a list of good senders.</param>
/// <param name="What">What the listed thing is, to follow "is"; empty where the list says no more than that it is listed.</param>
internal readonly record struct ListMeaning(double Factor, string What);

/// <summary>
/// The vendors' codes. What one answers beside the first listing is not guessed: a list that is not known here, or a code that is
/// none of its documented ones, counts as a plain listing.
/// </summary>
internal static class ListMeanings
{
    private static readonly ListMeaning Plain = new(1, "");

    /// <summary>True where the list holds registered domains alone and hosts below them would not be found.</summary>
    internal static bool WantsRegistered(string zone) => IsOf(zone, "surbl.org") || IsOf(zone, "uribl.com") || IsOf(zone, "ivmuri.invaluement.com");

    /// <summary>The weightiest meaning among the codes of an answer.</summary>
    internal static ListMeaning Of(string zone, IReadOnlyList<IPAddress> codes)
    {
        ListMeaning? best = null;
        Span<byte> octets = stackalloc byte[16];
        foreach (var code in codes)
        {
            if (!code.TryWriteBytes(octets, out var length) || length != 4) continue;
            var meaning = Of(zone, octets[2], octets[3]);
            if (best is null || Math.Abs(meaning.Factor) > Math.Abs(best.Value.Factor)) best = meaning;
        }
        return best ?? Plain;
    }

    private static ListMeaning Of(string zone, byte third, byte last)
    {
        if (IsOf(zone, "spamhaus.org") || IsOf(zone, "spamhaus.net")) return Spamhaus(third, last);
        if (IsOf(zone, "surbl.org")) return Surbl(last);
        if (IsOf(zone, "uribl.com")) return Uribl(last);
        if (IsOf(zone, "dnswl.org")) return Dnswl(last);
        return Plain;
    }

    // Addresses answer in 127.0.0.0/24, domains in 127.0.1.0/24, young domains in 127.0.2.0/24, hashes in 127.0.3.0/24.
    private static ListMeaning Spamhaus(byte third, byte last) => (third, last) switch
    {
        (0, 2) => new(1, "a known source of spam"),
        (0, 3) => new(0.9, "a recent source of spam"),
        (0, >= 4 and <= 7) => new(1, "a machine that malware has taken over"),
        (0, 9) => new(1.5, "in a network that criminals control"),
        // Its owner or provider says that it sends no mail: true of honest mistakes too.
        (0, 10 or 11) => new(0.7, "an address that should send no mail directly"),
        (1, 2) => new(1, "a domain of spammers"),
        (1, 4) => new(1.3, "a domain of phishers"),
        (1, 5 or 6) => new(1.3, "a domain of malware"),
        // Somebody's honest site that was broken into or is misused.
        (1, >= 102 and <= 106) => new(0.4, "an honest site that spammers misuse"),
        // Above 127.0.1.254 stands the complaint that an address was asked where a domain belongs.
        (1, 255) => new(0, ""),
        (2, _) => new(0.5, "a domain that was registered or first seen within a day"),
        (3, _) => new(1.2, "known from spam"),
        _ => Plain,
    };

    // A mask: 8 phishing, 16 malware, 64 abuse, 128 broken into.
    private static ListMeaning Surbl(byte mask) =>
        (mask & 8) != 0 ? new(1.2, "a domain of phishers")
        : (mask & 16) != 0 ? new(1.2, "a domain of malware")
        : (mask & 64) != 0 ? new(1, "a domain of spammers")
        : (mask & 128) != 0 ? new(0.5, "a site that was broken into") : Plain;

    // A mask: 2 black, 4 grey (bulk mail that some asked for), 8 red (suspected).
    private static ListMeaning Uribl(byte mask) =>
        (mask & 2) != 0 ? new(1, "a domain of spammers") : (mask & 8) != 0 ? new(0.4, "a domain suspected of spam") : (mask & 4) != 0 ? new(0.2, "a domain of bulk mail") : Plain;

    // The last octet is the trust: none, low, medium, high.
    private static ListMeaning Dnswl(byte trust) => trust switch
    {
        1 => new(-0.2, "a mail server of some trust"),
        2 => new(-0.5, "a mail server of medium trust"),
        3 => new(-0.8, "a mail server of high trust"),
        _ => new(0, ""),
    };

    private static bool IsOf(string zone, string vendor) =>
        zone.EndsWith(vendor, StringComparison.OrdinalIgnoreCase) && (zone.Length == vendor.Length || zone[^(vendor.Length + 1)] == '.');
}
