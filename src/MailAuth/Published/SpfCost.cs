using Sternpost.Dns;
using Sternpost.MailAuth.Spf;

namespace Sternpost.MailAuth.Published;

/// <summary>What an SPF record costs a receiver at most: the terms that need DNS, over all records it includes (RFC 7208 §4.6.4).</summary>
/// <param name="Lookups">How many.</param>
/// <param name="Problem">An included record that cannot be used, in plain words; null where all can.</param>
internal sealed record SpfCost(int Lookups, string? Problem)
{
    /// <summary>The most that receivers allow.</summary>
    internal const int MostLookups = 10;

    // Beyond this the exact number tells nothing more.
    private const int CountedTo = 50;

    internal static async Task<SpfCost> OfAsync(DomainName domain, SpfRecord record, IDnsResolver resolver, CancellationToken cancellation)
    {
        var lookups = 0;
        string? problem = null;
        var open = new Stack<(DomainName Domain, SpfRecord Record)>([(domain, record)]);
        while (open.TryPop(out var current) && lookups < CountedTo)
        {
            foreach (var term in current.Record.Terms)
            {
                // What stands behind "all" is never reached.
                if (term.Mechanism == SpfMechanism.All) break;
                if (!term.AsksDns) continue;
                if (++lookups > CountedTo) break;
                if (term.Mechanism == SpfMechanism.Include) await FollowAsync(term.DomainSpec!, $"include:{term.DomainSpec}").ConfigureAwait(false);
            }
            // RFC 7208 §6.1: redirect counts where no "all" stands before it.
            if (current.Record.Redirect is not { } target || current.Record.Terms.Any(term => term.Mechanism == SpfMechanism.All)) continue;
            lookups++;
            await FollowAsync(target, $"redirect={target}").ConfigureAwait(false);
        }
        return new SpfCost(lookups, problem);

        async Task FollowAsync(string spec, string term)
        {
            // A name with macros depends on the mail.
            if (spec.Contains('%', StringComparison.Ordinal) || !DomainName.TryParseForQuery(spec, out var name)) return;
            var answer = await resolver.TxtAsync(name, cancellation).ConfigureAwait(false);
            if (answer.Status == DnsStatus.TemporaryFailure) return;
            var records = answer.Records.Where(SpfRecord.IsSpf).ToList();
            if (records.Count != 1) problem ??= $"{term} leads to {(records.Count == 0 ? "no SPF record" : "several SPF records")}, which receivers take for an error in yours.";
            else if (SpfRecord.TryParse(records[0], out var included, out var why)) open.Push((name, included));
            else problem ??= $"{term} leads to a record that cannot be understood ({why}), which receivers take for an error in yours.";
        }
    }
}
