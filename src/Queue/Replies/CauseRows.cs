using Sternpost.Dns;
using Sternpost.Storage;

namespace Sternpost.Queue.Replies;

/// <summary>What one cause keeps back and has sent back.</summary>
/// <param name="Cause">The cause; its words are about the domain it was seen at last.</param>
/// <param name="Waiting">Recipients in the queue whose last attempt it ended.</param>
/// <param name="Failed">Recipients given up for it in the time asked about.</param>
/// <param name="Domains">Some of the domains it was seen at.</param>
/// <param name="Example">What was said last.</param>
public sealed record CauseSummary(DeliveryCause Cause, long Waiting, long Failed, IReadOnlyList<string> Domains, string Example);

/// <summary>The statements about causes.</summary>
internal static class CauseRows
{
    private const int DaysKept = 90;
    private const int DomainsNamed = 5;

    /// <summary>Counts a recipient that was given up, in the transaction that gives it up.</summary>
    internal static void CountFailure(Sql sql, DeliveryCause cause, DomainName domain, string reply, DateTimeOffset now)
    {
        var (day, at) = (DayOf(now), now.ToUnixTimeMilliseconds());
        sql.Execute($"delete from delivery_failures where day < {day - DaysKept}");
        sql.Execute($"""
            insert into delivery_failures (day, cause, recipients, last_at, last_domain, last_reply) values ({day}, {cause.Id}, {1}, {at}, {domain.Ascii}, {reply})
            on conflict (day, cause) do update set recipients = delivery_failures.recipients + 1, last_at = excluded.last_at, last_domain = excluded.last_domain, last_reply = excluded.last_reply
            """);
    }

    internal static IReadOnlyList<CauseSummary> Summarise(Sql sql, DateTimeOffset since)
    {
        var found = new Dictionary<string, (long Waiting, long Failed, List<string> Domains, string Example)>();
        var waiting = sql.Query(
            $"select last_cause, domain, count(*), max(last_reply) from queue_recipients where last_cause is not null group by last_cause, domain order by count(*) desc",
            row => (Cause: row.GetString(0), Domain: row.GetString(1), Count: row.GetInt64(2), Reply: row.IsDBNull(3) ? "" : row.GetString(3)));
        foreach (var (cause, domain, count, reply) in waiting) Add(cause, domain, count, 0, reply);
        var failed = sql.Query(
            $"select cause, recipients, last_domain, last_reply from delivery_failures where day >= {DayOf(since)} order by day desc",
            row => (Cause: row.GetString(0), Count: row.GetInt64(1), Domain: row.GetString(2), Reply: row.GetString(3)));
        foreach (var (cause, count, domain, reply) in failed) Add(cause, domain, 0, count, reply);
        return [.. found
            .Select(one => new CauseSummary(CauseOf(one.Key, one.Value.Domains[0]), one.Value.Waiting, one.Value.Failed, one.Value.Domains, one.Value.Example))
            .OrderByDescending(one => one.Waiting + one.Failed).ThenBy(one => one.Cause.Id, StringComparer.Ordinal)];

        void Add(string cause, string domain, long waits, long fails, string reply)
        {
            if (!found.TryGetValue(cause, out var known)) known = (0, 0, [], reply);
            if (known.Domains.Count < DomainsNamed && !known.Domains.Contains(domain)) known.Domains.Add(domain);
            found[cause] = known with { Waiting = known.Waiting + waits, Failed = known.Failed + fails };
        }
    }

    private static long DayOf(DateTimeOffset moment) => moment.ToUnixTimeSeconds() / (24 * 60 * 60);

    // A cause that an earlier or later release counted has no words here.
    private static DeliveryCause CauseOf(string id, string domain) =>
        (DomainName.TryParse(domain, out var name) ? DeliveryCauses.Find(id, name) : null) ?? new DeliveryCause(id, CauseKind.Other, "", id, "", "", null);
}
