using Sternpost.Dns;
using Sternpost.Dns.Updates;
using Sternpost.MailAuth.Published;
using Sternpost.Storage;

namespace Sternpost.Queue.Publishing;

/// <summary>What is to be done for a domain, zone by zone.</summary>
/// <param name="Zones">A plan for each zone that holds some of the names.</param>
/// <param name="Outside">Records that belong into no zone of the primary: reverse names, hosts of other domains.</param>
/// <param name="Problem">Why nothing could be planned; null where all went well.</param>
public sealed record Publication(IReadOnlyList<ZonePlan> Zones, IReadOnlyList<PlannedRecord> Outside, string? Problem = null)
{
    /// <summary>Every record, and what becomes of it.</summary>
    public IEnumerable<PlannedRecord> Lines => Zones.SelectMany(zone => zone.Lines).Concat(Outside);

    /// <summary>True where there is nothing to send.</summary>
    public bool IsEmpty => Zones.All(zone => zone.Update.IsEmpty);
}

/// <summary>
/// Puts the records of our domains into their zones by dynamic update, and remembers which they are: only those are changed and removed later.
/// What it is told to publish it publishes again and again without harm.
/// </summary>
public sealed class ZonePublisher(Database database, PrimaryServer primary, TimeProvider time)
{
    private const int KeyTtl = 3600;

    /// <summary>Looks at the zones and says what would change.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="wanted">All its records.</param>
    /// <param name="only">Where false for a record, neither it nor what we published in its place is looked at.</param>
    /// <param name="replace">Whether what others put in gives way.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<Publication> PlanAsync(
        DomainName domain, IReadOnlyList<DnsRecordToPublish> wanted, Func<string, string, bool> only, bool replace, CancellationToken cancellation)
    {
        List<ZoneRecord> records = [];
        List<PlannedRecord> outside = [];
        foreach (var record in wanted.Where(record => only(record.Name, record.Type)))
        {
            if (record.Type != "PTR" && DomainName.TryParseForQuery(record.Name, out var name) && ZoneRecord.TryParse(name, record.Type, (uint)record.Ttl, record.Value, out var parsed)) records.Add(parsed);
            else outside.Add(new PlannedRecord(PlannedFate.Elsewhere, record.Name, record.Type, record.Value, record.Type == "PTR" ? "whoever gave you the address sets it" : "it is no record"));
        }
        List<ZoneRecord> ours = [.. (await database.ReadAsync(sql => PublishedRows.Of(sql, domain), cancellation).ConfigureAwait(false)).Where(record => only(record.Name.Ascii, record.TypeName))];
        Dictionary<DomainName, List<(DomainName Name, int Type, string TypeName)>> byZone = [];
        Dictionary<DomainName, (DomainName? Zone, UpdateOutcome Outcome)> known = [];
        foreach (var set in records.Concat(ours).Select(record => (record.Name, record.Type, record.TypeName)).Distinct())
        {
            if (!known.TryGetValue(set.Name, out var place)) known[set.Name] = place = await primary.ZoneOfAsync(set.Name, cancellation).ConfigureAwait(false);
            if (place.Outcome.State == PrimaryState.Failed) return new Publication([], [], place.Outcome.Reason);
            if (place.Zone is not { } zone)
            {
                foreach (var record in records.Where(record => record.Name == set.Name && record.Type == set.Type)) outside.Add(ZonePlan.Line(PlannedFate.Elsewhere, record, place.Outcome.Reason));
                continue;
            }
            if (!byZone.TryGetValue(zone, out var sets)) byZone[zone] = sets = [];
            sets.Add(set);
        }
        List<ZonePlan> plans = [];
        foreach (var (zone, sets) in byZone)
        {
            List<RecordSet> found = [];
            HashSet<DomainName> aliases = [];
            foreach (var (name, _, type) in sets)
            {
                var answer = await primary.FindAsync(name, type, cancellation).ConfigureAwait(false);
                if (answer.State != PrimaryState.Done) return new Publication([], [], answer.Reason);
                found.Add(answer.Set);
                if (answer.IsAlias) aliases.Add(name);
            }
            plans.Add(ZonePlan.For(zone, [.. records.Where(record => sets.Exists(set => set.Name == record.Name && set.Type == record.Type))], found, aliases, ours, replace));
        }
        return new Publication(plans, outside);
    }

    /// <summary>Publishes the DKIM keys of a domain, and takes back those that are forgotten.</summary>
    public async Task<UpdateOutcome> PublishKeysAsync(DomainName domain, IReadOnlyList<PublishedKey> keys, CancellationToken cancellation)
    {
        var under = "._domainkey." + domain.Ascii;
        var wanted = keys.Select(key => new DnsRecordToPublish(key.Selector + under, "TXT", KeyTtl, key.RecordText, "")).ToList();
        var publication = await PlanAsync(domain, wanted, (name, type) => type == "TXT" && name.EndsWith(under, StringComparison.Ordinal), replace: false, cancellation).ConfigureAwait(false);
        if (publication.Problem is { } problem) return new UpdateOutcome(PrimaryState.Failed, problem);
        if (publication.Lines.FirstOrDefault(line => line.Fate is PlannedFate.LeftAlone or PlannedFate.Elsewhere) is { } left) return new UpdateOutcome(PrimaryState.Refused, $"{left.Name}: {left.Reason}");
        return publication.IsEmpty ? new UpdateOutcome(PrimaryState.Done) : await ApplyAsync(domain, publication, cancellation).ConfigureAwait(false);
    }

    /// <summary>Sends what was planned. What was sent before a zone refuses stays.</summary>
    public async Task<UpdateOutcome> ApplyAsync(DomainName domain, Publication publication, CancellationToken cancellation)
    {
        foreach (var update in publication.Zones.Select(plan => plan.Update).Where(update => !update.IsEmpty))
        {
            var outcome = await primary.UpdateAsync(update, cancellation).ConfigureAwait(false);
            if (outcome.State != PrimaryState.Done) return outcome;
            var now = time.GetUtcNow();
            // The zone has it already; a crash here costs that we take for another's what is ours, which harms nothing.
            await database.WriteAsync(
                sql =>
                {
                    foreach (var record in update.Removed) PublishedRows.Remove(sql, domain, record);
                    foreach (var record in update.Added) PublishedRows.Add(sql, domain, record, now);
                    return true;
                },
                CancellationToken.None).ConfigureAwait(false);
            // RFC 2136 §3.4.2.2: an alias beside other records, or the other way round, is passed over without a word.
            foreach (var record in update.Added)
            {
                var there = await primary.FindAsync(record.Name, record.TypeName, cancellation).ConfigureAwait(false);
                if (there.State == PrimaryState.Done && !there.Set.Records.Contains(record))
                    return new UpdateOutcome(PrimaryState.Refused, $"the server took the change, but {record.Name} {record.TypeName} is not there: other records of the name stand in its way");
            }
        }
        return new UpdateOutcome(PrimaryState.Done);
    }
}
