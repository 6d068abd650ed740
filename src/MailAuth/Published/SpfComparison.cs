using Sternpost.Dns;
using Sternpost.MailAuth.Spf;

namespace Sternpost.MailAuth.Published;

/// <summary>Looks at an SPF record as receivers will: whether there is one, what it costs, and whether it lets this server send.</summary>
internal static class SpfComparison
{
    internal static async Task<DnsRecordCheck> CheckAsync(
        DnsRecordToPublish record, DomainName name, IReadOnlyList<string> texts, PublishedFacts facts, IDnsResolver resolver, TimeProvider time, CancellationToken cancellation)
    {
        var found = texts.Where(SpfRecord.IsSpf).ToList();
        if (found.Count == 0) return DnsRecordCheck.Missing(record);
        // RFC 7208 §4.5: a second record is a permanent error.
        if (found.Count > 1) return new(record, PublishedState.Different, found, ["There are several SPF records, and receivers take that for an error: none of them counts. Join them into one."]);
        if (!SpfRecord.TryParse(found[0], out var parsed, out var problem)) return new(record, PublishedState.Different, found, [$"{char.ToUpperInvariant(problem[0])}{problem[1..]}: the whole record counts for nothing."]);

        var remarks = new List<string>();
        var cost = await SpfCost.OfAsync(name, parsed, resolver, cancellation).ConfigureAwait(false);
        var isBroken = cost.Lookups > SpfCost.MostLookups || cost.Problem is not null;
        if (cost.Lookups > SpfCost.MostLookups) remarks.Add($"The record costs {cost.Lookups} DNS lookups and {SpfCost.MostLookups} are allowed: receivers that get so far take it for an error. Name addresses (ip4:, ip6:) in place of some includes.");
        else if (cost.Lookups >= SpfCost.MostLookups - 2) remarks.Add($"The record costs {cost.Lookups} of the {SpfCost.MostLookups} DNS lookups allowed; a sender you include may add one at any time.");
        if (cost.Problem is not null) remarks.Add(cost.Problem);
        var lets = await LetsUsAsync(record, name, facts, resolver, time, remarks, cancellation).ConfigureAwait(false);
        Ending(parsed, remarks, ref isBroken);
        return new(record, isBroken || !lets ? PublishedState.Different : PublishedState.Published, found, remarks);
    }

    private static async Task<bool> LetsUsAsync(
        DnsRecordToPublish record, DomainName name, PublishedFacts facts, IDnsResolver resolver, TimeProvider time, List<string> remarks, CancellationToken cancellation)
    {
        var all = true;
        foreach (var address in facts.Addresses)
        {
            var result = await SpfCheck.EvaluateAsync(address, facts.HostName.Ascii, "postmaster@" + name.Ascii, resolver, time, cancellation).ConfigureAwait(false);
            if (result.Kind is SpfKind.Pass or SpfKind.TempError) continue;
            all = false;
            remarks.Add(result.Kind == SpfKind.PermError
                ? $"For mail from {address} it ends in an error: {result.Problem}."
                : $"Mail from {address}, this server, comes out as \"{result.Word}\": the record does not name it. Add \"{Term(record)}\" before the end.");
        }
        return all;
    }

    private static void Ending(SpfRecord record, List<string> remarks, ref bool isBroken)
    {
        var last = record.Terms.FirstOrDefault(term => term.Mechanism == SpfMechanism.All);
        if (last is { Meaning: SpfKind.Pass })
        {
            isBroken = true;
            remarks.Add("+all lets the whole world send for the domain.");
        }
        else if (last is { Meaning: SpfKind.Neutral } || (last is null && record.Redirect is null)) remarks.Add("The record says nothing about other senders; let it end in -all or ~all.");
        if (record.Terms.Any(term => term.Mechanism == SpfMechanism.Pointer)) remarks.Add("\"ptr\" should not be used (RFC 7208 §5.5); many receivers pass over it.");
    }

    private static string Term(DnsRecordToPublish record) => record.Value.Contains(" mx", StringComparison.Ordinal) ? "mx" : "a";
}
