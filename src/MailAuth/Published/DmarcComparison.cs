using Sternpost.Dns;
using Sternpost.MailAuth.Dmarc;

namespace Sternpost.MailAuth.Published;

/// <summary>Looks at a domain's DMARC record: how strict it is, is the administrator's choice; that it works and its reports arrive, is not.</summary>
internal static class DmarcComparison
{
    internal static async Task<DnsRecordCheck> CheckAsync(DnsRecordToPublish record, IReadOnlyList<string> texts, PublishedFacts facts, IDnsResolver resolver, CancellationToken cancellation)
    {
        var found = texts.Where(text => text.TrimStart().StartsWith("v=DMARC", StringComparison.OrdinalIgnoreCase)).ToList();
        var records = texts.Select(text => DmarcRecord.TryParse(text, out var parsed) ? parsed : null).OfType<DmarcRecord>().ToList();
        if (found.Count == 0 && records.Count == 0) return await InheritedAsync(record, facts, resolver, cancellation).ConfigureAwait(false);
        if (records.Count == 0) return new(record, PublishedState.Different, found, ["The record does not begin with v=DMARC1 exactly, so nobody reads it."]);
        // RFC 9989 §4.10: several count as none.
        if (records.Count > 1) return new(record, PublishedState.Different, found, ["There are several DMARC records, so receivers act as if there were none. Keep one."]);
        var parsed = records[0];
        if (!parsed.Applies) return new(record, PublishedState.Different, found, ["The policy (p=) makes no sense, so the record asks for nothing."]);
        var remarks = new List<string>();
        if (parsed.Testing) remarks.Add("The record says that it is being tested (t=y): receivers do one step less than it asks for.");
        remarks.Add(parsed.Policy switch
        {
            DmarcPolicy.None => "The policy is p=none: forged mail is delivered as before, and only reports tell. See when more is safe: sternpost report show " + facts.Domain,
            DmarcPolicy.Quarantine => "The policy is p=quarantine. See when p=reject is safe: sternpost report show " + facts.Domain,
            _ => "",
        });
        remarks.RemoveAll(remark => remark.Length == 0);
        remarks.AddRange(await ReportsAsync(parsed, facts, resolver, cancellation).ConfigureAwait(false));
        return new(record, PublishedState.Published, found, remarks);
    }

    private static async Task<List<string>> ReportsAsync(DmarcRecord record, PublishedFacts facts, IDnsResolver resolver, CancellationToken cancellation)
    {
        var destinations = ReportDestinations.Parse(record.AggregateReports);
        if (destinations.Count == 0) return ["The record asks for no reports (rua=), so nobody tells you who writes in the domain's name."];
        var remarks = new List<string>();
        foreach (var destination in destinations)
        {
            var answer = await ReportDestinations.VerifyAsync(facts.Domain, destination, resolver, cancellation).ConfigureAwait(false);
            // RFC 9990 §4: without the other side's word no report is sent there.
            if (answer.State == DestinationState.Refused) remarks.Add($"Reports to {destination.Address} are not sent, because {answer.Reason}: it must publish \"v=DMARC1\" at {facts.Domain}._report._dmarc.{destination.Address.Domain}.");
        }
        if (!destinations.Any(destination => destination.Address.Domain == facts.Domain && destination.Address.LocalPart.Equals(facts.ReportMailbox, StringComparison.OrdinalIgnoreCase)))
            remarks.Add($"Reports go elsewhere ({string.Join(", ", destinations.Select(destination => destination.Address))}); 'sternpost report' does not see them.");
        return remarks;
    }

    // RFC 9989 §4.10: the record of a domain above counts for this one as well.
    private static async Task<DnsRecordCheck> InheritedAsync(DnsRecordToPublish record, PublishedFacts facts, IDnsResolver resolver, CancellationToken cancellation)
    {
        var walk = await DmarcTreeWalk.From(facts.Domain, resolver, cancellation).ConfigureAwait(false);
        if (walk.Unanswered is not null) return DnsRecordCheck.Unknown(record);
        return walk.Policy() is { } above
            ? new(record, PublishedState.Published, [above.Record.Text], [$"The record of {above.Domain} counts for this domain (sp={(above.Record.SubdomainPolicy ?? above.Record.Policy).ToString().ToLowerInvariant()}); reports go where that one says."])
            : DnsRecordCheck.Missing(record);
    }
}
