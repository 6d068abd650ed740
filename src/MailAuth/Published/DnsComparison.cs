using System.Net;
using System.Net.Sockets;
using Sternpost.Dns;
using Sternpost.MailAuth.Spf;

namespace Sternpost.MailAuth.Published;

/// <summary>How a record stands in DNS.</summary>
public enum PublishedState
{
    /// <summary>As wanted.</summary>
    Published,
    /// <summary>Not there.</summary>
    Missing,
    /// <summary>There, but saying something else.</summary>
    Different,
    /// <summary>DNS did not answer now.</summary>
    Unknown,
    /// <summary>Convenience only; not looked up.</summary>
    NotChecked,
}

/// <summary>One record compared with what is published.</summary>
/// <param name="Record">The record wanted.</param>
/// <param name="State">How it stands.</param>
/// <param name="Found">What DNS has instead, as text.</param>
public sealed record DnsRecordCheck(DnsRecordToPublish Record, PublishedState State, IReadOnlyList<string> Found);

/// <summary>Compares the records to publish with the world's view of them.</summary>
public static class DnsComparison
{
    /// <summary>Looks up each record, in order.</summary>
    public static async Task<IReadOnlyList<DnsRecordCheck>> CheckAsync(
        IReadOnlyList<DnsRecordToPublish> records, IDnsResolver resolver, CancellationToken cancellation)
    {
        var checks = new List<DnsRecordCheck>(records.Count);
        foreach (var record in records) checks.Add(await CheckAsync(record, resolver, cancellation).ConfigureAwait(false));
        return checks;
    }

    private static async Task<DnsRecordCheck> CheckAsync(DnsRecordToPublish record, IDnsResolver resolver, CancellationToken cancellation)
    {
        if (!DomainName.TryParseForQuery(record.Name, out var name)) return new(record, PublishedState.NotChecked, []);
        switch (record.Type)
        {
            case "A" or "AAAA":
                var family = record.Type == "A" ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;
                var addresses = await resolver.AddressesAsync(name, family, cancellation).ConfigureAwait(false);
                return Compare(record, addresses.Status, [.. addresses.Records.Select(address => address.ToString())], Same);
            case "MX":
                var exchanges = await resolver.MxAsync(name, cancellation).ConfigureAwait(false);
                return Compare(record, exchanges.Status, [.. exchanges.Records.Select(mx => $"{mx.Preference} {mx.Exchange?.Ascii ?? "."}")], SameExchange);
            case "PTR" when TryReadReverse(record.Name, out var address):
                var names = await resolver.PtrAsync(address, cancellation).ConfigureAwait(false);
                return Compare(record, names.Status, [.. names.Records.Select(pointer => pointer.Ascii)], Same);
            case "TXT":
                var texts = await resolver.TxtAsync(name, cancellation).ConfigureAwait(false);
                // A name has TXT records of many uses; only those of the same kind are "something else".
                return Compare(record, texts.Status, [.. texts.Records.Where(text => Kind(text) == Kind(record.Value))], SameText);
            default:
                return new(record, PublishedState.NotChecked, []);
        }
    }

    private static DnsRecordCheck Compare(DnsRecordToPublish record, DnsStatus status, IReadOnlyList<string> found, Func<string, string, bool> same) =>
        new(record, status == DnsStatus.TemporaryFailure ? PublishedState.Unknown
            : found.Any(text => same(record.Value, text)) ? PublishedState.Published
            : found.Count == 0 ? PublishedState.Missing : PublishedState.Different, found);

    private static bool Same(string wanted, string found) => wanted.Equals(found, StringComparison.OrdinalIgnoreCase);

    // The preference is the administrator's affair.
    private static bool SameExchange(string wanted, string found) => Same(wanted[(wanted.IndexOf(' ') + 1)..], found[(found.IndexOf(' ') + 1)..]);

    private static bool SameText(string wanted, string found) => Kind(wanted) switch
    {
        // More senders, or a policy of another strength, are the administrator's choice: what counts is that the record works.
        "v=spf1" => SpfRecord.TryParse(found, out _, out _) && Has(found, wanted.Contains(" mx", StringComparison.Ordinal) ? "mx" : "a"),
        "v=DMARC1" => true,
        _ => TagList.WithoutSpace(wanted) == TagList.WithoutSpace(found).TrimEnd(';'),
    };

    private static bool Has(string record, string term) => record.Split(' ').Any(word => word.TrimStart('+').Equals(term, StringComparison.OrdinalIgnoreCase));

    private static string Kind(string text) => text.Split(' ', ';')[0].Trim();

    private static bool TryReadReverse(string arpa, out IPAddress address)
    {
        address = IPAddress.None;
        if (arpa.EndsWith(".in-addr.arpa", StringComparison.Ordinal))
        {
            return IPAddress.TryParse(string.Join('.', arpa[..^".in-addr.arpa".Length].Split('.').Reverse()), out address!);
        }
        if (!arpa.EndsWith(".ip6.arpa", StringComparison.Ordinal)) return false;
        var nibbles = string.Concat(arpa[..^".ip6.arpa".Length].Split('.').Reverse());
        if (nibbles.Length != 32) return false;
        address = new IPAddress(Convert.FromHexString(nibbles));
        return true;
    }
}
