using Sternpost.Messages.Addresses;

namespace Sternpost.Queue.TlsReports;

/// <summary>The TXT record at <c>_smtp._tls</c> by which a domain asks for TLS reports (RFC 8460 §3).</summary>
public static class TlsReportRecord
{
    // Every address gets a copy each day; more than a few nobody needs.
    private const int MaxAddresses = 4;
    private const int MaxLength = 4096;

    /// <summary>The mail addresses that reports go to; none where there is no record, more than one, or one that breaks the grammar.</summary>
    public static IReadOnlyList<EmailAddress> AddressesOf(IReadOnlyList<string> texts)
    {
        // RFC 8460 §3: other records are passed over, and of several of ours none counts.
        List<string> records = [.. texts.Where(text => text.Length <= MaxLength && text.StartsWith("v=TLSRPTv1", StringComparison.Ordinal) && text.AsSpan(10).TrimStart(" \t") is [';', ..])];
        if (records.Count != 1) return [];
        foreach (var field in records[0].Split(';').Skip(1))
        {
            var equals = field.IndexOf('=');
            if (equals < 0 || !field.AsSpan(0, equals).Trim(" \t").SequenceEqual("rua")) continue;
            List<EmailAddress> addresses = [];
            foreach (var uri in field[(equals + 1)..].Split(','))
            {
                // Reports by HTTPS are not sent; the record then has another way, or none.
                if (addresses.Count < MaxAddresses && ReadMailto(uri.Trim(' ', '\t')) is { } address && !addresses.Contains(address)) addresses.Add(address);
            }
            return addresses;
        }
        return [];
    }

    // RFC 6068 §2: percent-encoded, perhaps followed by header fields, which nobody here obeys.
    private static EmailAddress? ReadMailto(string uri)
    {
        const string Scheme = "mailto:";
        if (!uri.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return null;
        var end = uri.IndexOf('?', StringComparison.Ordinal);
        return EmailAddress.TryParse(Uri.UnescapeDataString(uri[Scheme.Length..(end < 0 ? uri.Length : end)]), out var address) ? address : null;
    }
}
