using System.Globalization;
using Sternpost.Dns;
using Sternpost.Messages.Addresses;

namespace Sternpost.MailAuth.Dmarc;

/// <summary>Where a domain wants its reports.</summary>
/// <param name="Address">The address of a mailto URI.</param>
/// <param name="MaxOctets">The most it takes (RFC 7489 §6.2; RFC 9989 dropped it, records still have it); null for no word of it.</param>
public sealed record ReportDestination(EmailAddress Address, long? MaxOctets);

/// <summary>Whether reports may go to a destination.</summary>
public enum DestinationState
{
    /// <summary>They may.</summary>
    Allowed,
    /// <summary>It has not agreed to it.</summary>
    Refused,
    /// <summary>DNS did not answer now.</summary>
    Unknown,
}

/// <summary>What came of asking a destination.</summary>
/// <param name="State">Whether reports may go there.</param>
/// <param name="Destination">Where exactly: the destination may name another address of its own; null unless allowed.</param>
/// <param name="Reason">One plain clause.</param>
public sealed record DestinationAnswer(DestinationState State, ReportDestination? Destination, string Reason);

/// <summary>The addresses of rua, and whether those of other organisations agreed to get reports (RFC 9990 §4): without that anybody could have us flood anybody.</summary>
public static class ReportDestinations
{
    /// <summary>Destinations of one record that are served (RFC 9990 §3.5: up to the receiver's limits).</summary>
    public const int Most = 5;

    private const int LongestUri = 500;

    /// <summary>The mailto destinations in the order given; URIs that are malformed or of other schemes are passed over (RFC 9990 §3.5).</summary>
    public static IReadOnlyList<ReportDestination> Parse(string uris)
    {
        var destinations = new List<ReportDestination>();
        foreach (var range in uris.AsSpan().Split(','))
        {
            if (destinations.Count == Most) break;
            var uri = uris.AsSpan()[range].Trim();
            if (uri.Length > LongestUri || !uri.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase)) continue;
            var rest = uri["mailto:".Length..];
            // A literal "!" must be encoded in the URI, so the last one begins the size.
            long? size = null;
            if (rest.LastIndexOf('!') is >= 0 and var mark)
            {
                size = Size(rest[(mark + 1)..]);
                rest = rest[..mark];
            }
            if (rest.IndexOf('?') is >= 0 and var query) rest = rest[..query];
            // RFC 6068 §2: percent-encoded, and as much of Unicode as there is; reports are not worth SMTPUTF8.
            if (!EmailAddress.TryParse(Uri.UnescapeDataString(rest.ToString()), out var address) || address.NeedsSmtpUtf8) continue;
            if (!destinations.Exists(known => known.Address.Key == address.Key)) destinations.Add(new ReportDestination(address, size));
        }
        return destinations;
    }

    /// <summary>Asks whether reports about the record of <paramref name="policyDomain"/> may go to a destination.</summary>
    /// <param name="policyDomain">Where the record stands.</param>
    /// <param name="destination">Where it wants its reports.</param>
    /// <param name="resolver">DNS.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public static async ValueTask<DestinationAnswer> VerifyAsync(DomainName policyDomain, ReportDestination destination, IDnsResolver resolver, CancellationToken cancellation)
    {
        var host = destination.Address.Domain;
        if (host == policyDomain) return new(DestinationState.Allowed, destination, "it is the domain's own");
        var own = await DmarcTreeWalk.From(policyDomain, resolver, cancellation).ConfigureAwait(false);
        var theirs = await DmarcTreeWalk.From(host, resolver, cancellation).ConfigureAwait(false);
        if (own.Unanswered is not null || theirs.Unanswered is not null) return new(DestinationState.Unknown, null, "DNS did not answer");
        if (own.OrganisationalDomain() == theirs.OrganisationalDomain()) return new(DestinationState.Allowed, destination, "it belongs to the same organisation");

        // §4 steps 2 to 4.
        if (!DomainName.TryParseForQuery($"{policyDomain.Ascii}._report._dmarc.{host.Ascii}", out var name)) return new(DestinationState.Refused, null, "the name to ask for is too long");
        var answer = await resolver.TxtAsync(name, cancellation).ConfigureAwait(false);
        if (answer.Status == DnsStatus.TemporaryFailure) return new(DestinationState.Unknown, null, "DNS did not answer");
        var agreed = false;
        foreach (var text in answer.Records)
        {
            if (!DmarcRecord.TryParse(text, out var record)) continue;
            agreed = true;
            // Step 9: another address, but of the same host; where it is of another, nobody gets a report.
            if (Parse(record.AggregateReports) is not [var instead, ..]) continue;
            return instead.Address.Domain == host
                ? new(DestinationState.Allowed, instead, $"{host} agreed to it and names another address")
                : new(DestinationState.Refused, null, $"{host} wants to pass it on to {instead.Address.Domain}");
        }
        return agreed ? new(DestinationState.Allowed, destination, $"{host} agreed to it") : new(DestinationState.Refused, null, $"{host} has not agreed to it");
    }

    private static long? Size(ReadOnlySpan<char> text)
    {
        var unit = text.IsEmpty ? 1 : char.ToLowerInvariant(text[^1]) switch
        {
            'k' => 1L << 10,
            'm' => 1L << 20,
            'g' => 1L << 30,
            't' => 1L << 40,
            _ => 1,
        };
        if (unit > 1) text = text[..^1];
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= long.MaxValue / unit ? number * unit : null;
    }
}
