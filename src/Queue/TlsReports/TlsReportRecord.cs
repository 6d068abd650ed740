using Sternpost.Dns;
using Sternpost.Messages.Addresses;

namespace Sternpost.Queue.TlsReports;

/// <summary>Where a domain's TLS reports go.</summary>
/// <param name="Addresses">By mail.</param>
/// <param name="Places">By HTTPS.</param>
public sealed record TlsReportDestinations(IReadOnlyList<EmailAddress> Addresses, IReadOnlyList<Uri> Places)
{
    /// <summary>Nowhere.</summary>
    public static TlsReportDestinations None { get; } = new([], []);
}

/// <summary>The TXT record at <c>_smtp._tls</c> by which a domain asks for TLS reports (RFC 8460 §3).</summary>
public static class TlsReportRecord
{
    // Every place gets a copy each day; more than a few nobody needs.
    private const int MaxDestinations = 4;
    private const int MaxLength = 4096;

    /// <summary>The mail addresses and web places that reports go to; none where there is no record, more than one, or one that breaks the grammar.</summary>
    public static TlsReportDestinations DestinationsOf(IReadOnlyList<string> texts)
    {
        // RFC 8460 §3: other records are passed over, and of several of ours none counts.
        List<string> records = [.. texts.Where(text => text.Length <= MaxLength && text.StartsWith("v=TLSRPTv1", StringComparison.Ordinal) && text.AsSpan(10).TrimStart(" \t") is [';', ..])];
        if (records.Count != 1) return TlsReportDestinations.None;
        foreach (var field in records[0].Split(';').Skip(1))
        {
            var equals = field.IndexOf('=');
            if (equals < 0 || !field.AsSpan(0, equals).Trim(" \t").SequenceEqual("rua")) continue;
            List<EmailAddress> addresses = [];
            List<Uri> places = [];
            foreach (var text in field[(equals + 1)..].Split(',').Select(part => part.Trim(' ', '\t')))
            {
                if (addresses.Count + places.Count == MaxDestinations) break;
                if (ReadMailto(text) is { } address && !addresses.Contains(address)) addresses.Add(address);
                else if (ReadPlace(text) is { } place && !places.Contains(place)) places.Add(place);
            }
            return new TlsReportDestinations(addresses, places);
        }
        return TlsReportDestinations.None;
    }

    // The host goes in as A-labels: where Uri makes them itself, it throws at what is none.
    private static Uri? ReadPlace(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps && uri.HostNameType == UriHostNameType.Dns && uri.UserInfo.Length == 0
            && DomainName.TryParse(uri.Host, out var host) && Uri.TryCreate($"https://{host.Ascii}:{uri.Port}{uri.PathAndQuery}", UriKind.Absolute, out var place)
            ? place : null;

    // RFC 6068 §2: percent-encoded, perhaps followed by header fields, which nobody here obeys.
    private static EmailAddress? ReadMailto(string uri)
    {
        const string Scheme = "mailto:";
        if (!uri.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return null;
        var end = uri.IndexOf('?', StringComparison.Ordinal);
        return EmailAddress.TryParse(Uri.UnescapeDataString(uri[Scheme.Length..(end < 0 ? uri.Length : end)]), out var address) ? address : null;
    }
}
