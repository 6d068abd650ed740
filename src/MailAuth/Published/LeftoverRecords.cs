using System.Net.Sockets;
using Sternpost.Dns;

namespace Sternpost.MailAuth.Published;

/// <summary>
/// Records that a provider before may have left behind and that this server wants none of: programs believe them all the same. Looked at only
/// where they are there.
/// </summary>
internal static class LeftoverRecords
{
    internal static async Task<IReadOnlyList<DnsRecordCheck>> FindAsync(PublishedFacts facts, IDnsResolver resolver, CancellationToken cancellation)
    {
        List<DnsRecordCheck> found = [];
        if (DomainName.TryParseForQuery("autodiscover." + facts.Domain.Ascii, out var host) && await LeadsAwayAsync(host, facts, resolver, cancellation).ConfigureAwait(false) is { } target)
            found.Add(Leftover(host, "CNAME", target, facts.Domain));
        if (DomainName.TryParseForQuery("_autodiscover._tcp." + facts.Domain.Ascii, out var service))
        {
            var answer = await resolver.SrvAsync(service, cancellation).ConfigureAwait(false);
            if (answer.Records.Where(srv => srv.Target is not null && srv.Target != facts.HostName).Select(srv => srv.Target!.Ascii).ToList() is { Count: > 0 } targets)
                found.Add(Leftover(service, "SRV", string.Join(", ", targets), facts.Domain));
        }
        return found;
    }

    // Where the name leads, where that is not here.
    private static async Task<string?> LeadsAwayAsync(DomainName name, PublishedFacts facts, IDnsResolver resolver, CancellationToken cancellation)
    {
        var alias = await resolver.CnameAsync(name, cancellation).ConfigureAwait(false);
        if (alias.Records.Count > 0) return alias.Records.Contains(facts.HostName) ? null : alias.Records[0].Ascii;
        var addresses = await resolver.AddressesAsync(name, AddressFamily.InterNetwork, cancellation).ConfigureAwait(false);
        return addresses.Records.Count == 0 || addresses.Records.Any(facts.Addresses.Contains) ? null : string.Join(", ", addresses.Records);
    }

    private static DnsRecordCheck Leftover(DomainName name, string type, string target, DomainName domain) => new(
        new DnsRecordToPublish(name.Ascii, type, 0, "(none)", "Where Outlook asks for the settings of an address.") { Importance = RecordImportance.Optional, Without = "Outlook guesses the server or asks for it." },
        PublishedState.Different, [target], [$"Outlook asks {target} for the settings of addresses at {domain}, and not this server. Remove the record, which a provider before may have left."]);
}
