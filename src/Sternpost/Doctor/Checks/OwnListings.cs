using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Sternpost.Accounts;
using Sternpost.Dns;
using Sternpost.Dns.Lists;
using Sternpost.Setup;
using Sternpost.Watch;

namespace Sternpost.Doctor.Checks;

/// <summary>Whether the server's addresses and domains stand on the lists that receivers ask, each listing with the way off it.</summary>
internal static class OwnListings
{
    public static async Task<IReadOnlyList<CheckResult>> CheckAsync(Patient patient, CancellationToken cancellation)
    {
        var domains = (await new AccountDirectory(patient.Database, TimeProvider.System).DomainsAsync(cancellation)).Select(domain => domain.Name).ToList();
        return await AskAsync(patient.Resolver, patient.Addresses, domains, WatchedLists.All, cancellation);
    }

    internal static async Task<IReadOnlyList<CheckResult>> AskAsync(IDnsResolver resolver, IReadOnlyList<IPAddress> addresses, IReadOnlyList<DomainName> domains, IReadOnlyList<WatchedList> lists, CancellationToken cancellation)
    {
        var asked = await Task.WhenAll(lists.Select(list => OneAsync(resolver, addresses, domains, list, cancellation)));
        var results = asked.SelectMany(one => one.Results).ToList();
        if (addresses.Count == 0) results.Add(CheckResult.Warning("Blocklists", "no public address of this server is known, so only its domains were asked for", "Name it in server.addresses, or publish the host name's address records."));
        var answered = asked.Count(one => one.Answered);
        if (answered == 0) results.Add(CheckResult.Unknown("Blocklists", "no list answered", "Lists answer only resolvers of your own, not public ones. A resolver on this machine (unbound, for instance) mends it."));
        else if (!results.Exists(result => result.Level == CheckLevel.Failed)) results.Add(CheckResult.Ok("Blocklists", $"{answered} of {lists.Count} lists answered, and none has this server or its domains"));
        return results;
    }

    private static async Task<(IReadOnlyList<CheckResult> Results, bool Answered)> OneAsync(IDnsResolver resolver, IReadOnlyList<IPAddress> addresses, IReadOnlyList<DomainName> domains, WatchedList list, CancellationToken cancellation)
    {
        var asking = new DnsList(resolver, DomainName.Parse(list.Zone), NullLogger.Instance);
        var results = new List<CheckResult>();
        var (answered, refused, silent) = (false, false, false);
        IEnumerable<(string Subject, Func<ValueTask<DnsListAnswer>> Ask)> subjects = list.OfDomains
            ? domains.Select(domain => (domain.Ascii, (Func<ValueTask<DnsListAnswer>>)(() => asking.AskAsync(domain, cancellation))))
            : addresses.Select(address => (address.ToString(), (Func<ValueTask<DnsListAnswer>>)(() => asking.AskAsync(address, cancellation))));
        foreach (var (subject, ask) in subjects)
        {
            var answer = await ask();
            answered |= answer.Outcome is DnsListOutcome.Listed or DnsListOutcome.NotListed;
            refused |= answer.Outcome == DnsListOutcome.Refused;
            silent |= answer.Outcome is DnsListOutcome.Unavailable or DnsListOutcome.Refused;
            if (answer.Outcome != DnsListOutcome.Listed) continue;
            results.Add(CheckResult.Failed("Blocklists", $"{subject} is on {list.Name} ({list.Zone}): {list.Meaning(answer)}", $"{list.Removal} {list.Url(subject)}") with { Subject = $"{subject} {list.Zone}" });
        }
        if (refused && !answered) results.Add(CheckResult.Unknown("Blocklists", $"{list.Name} ({list.Zone}) does not answer this resolver, so it is not known whether the server stands there", "Lists answer only resolvers of your own; with one, within their terms of use.") with { Subject = " " + list.Zone });
        else if (silent) results.Add(new CheckResult("Blocklists", CheckLevel.Skipped, $"{list.Name} ({list.Zone}) did not answer", "") { Subject = " " + list.Zone, IsUnknown = true });
        return (results, answered);
    }
}
