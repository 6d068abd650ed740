using Microsoft.Extensions.Logging.Abstractions;
using Sternpost.Dns;
using Sternpost.Dns.Lists;

namespace Sternpost.Setup.Checks;

/// <summary>Whether an address of this machine stands on a blocklist that many receivers ask; an earlier tenant may have left it there.</summary>
internal static class Blocklists
{
    private static readonly DomainName[] Zones = [DomainName.Parse("zen.spamhaus.org"), DomainName.Parse("bl.spamcop.net"), DomainName.Parse("psbl.surriel.com")];

    public static async Task<CheckResult> CheckAsync(PreflightSubject subject, CancellationToken cancellation)
    {
        if (subject.PublicAddresses.Count == 0) return CheckResult.Ok("Blocklists", "not asked, as no public address is known");
        var questions = from zone in Zones from address in subject.PublicAddresses select (zone, address);
        var answers = await Task.WhenAll(questions.Select(async question =>
            (question.zone, question.address, answer: await new DnsList(subject.Resolver, question.zone, NullLogger.Instance).AskAsync(question.address, cancellation))));
        var listings = answers.Where(asked => asked.answer.Outcome == DnsListOutcome.Listed).ToList();
        if (listings.Count > 0)
        {
            return CheckResult.Warning("Blocklists", string.Join(", ", listings.Select(listing => $"{listing.address} is on {listing.zone}")),
                "Ask for removal on the list's web site; where it is a list of home connections, ask the provider or send through a relay.");
        }
        return answers.Any(asked => asked.answer.Outcome == DnsListOutcome.NotListed)
            ? CheckResult.Ok("Blocklists", "no address is listed")
            : CheckResult.Warning("Blocklists", "none answered", "Lists answer only resolvers of your own, not public ones. A resolver on this machine (unbound, for instance) mends it.");
    }
}
