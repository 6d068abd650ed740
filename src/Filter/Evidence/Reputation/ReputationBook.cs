using System.Collections.Concurrent;
using Sternpost.Storage;

namespace Sternpost.Filter.Evidence.Reputation;

/// <summary>
/// Reputation of addresses, networks, proved domains and link domains, in memory and on disk. It moves by what people said and did
/// and by traps, never by this server's own verdicts; and by no account more than a little a day.
/// </summary>
internal sealed class ReputationBook(Database database, TimeProvider time)
{
    // 48 octets each in memory: some 15 MB. What was changed longest ago goes first.
    private const int MostKept = 200_000;

    // Testimonies a day that one account may give.
    private const int MostPerAccount = 60;

    private readonly ConcurrentDictionary<long, Standing> standings = new();
    private readonly Dictionary<long, int> given = [];
    private readonly Lock givenGuard = new();
    private int givenDay;
    private long seenChange;

    private int Today => (int)(time.GetUtcNow().ToUnixTimeSeconds() / 86400);

    /// <summary>What is known of a key today.</summary>
    internal Standing Find(long key) => standings.TryGetValue(key, out var standing) ? standing.On(Today) : default;

    /// <summary>Reads what other processes have changed; all of it the first time.</summary>
    internal async ValueTask RefreshAsync(CancellationToken cancellation)
    {
        var rows = await database.ReadAsync(
            sql => sql.Query(
                $"select reputation_key, wanted, unwanted, wanted_by, unwanted_by, as_of, changed from reputation where changed > {seenChange} order by changed limit {MostKept}",
                row => (Key: row.GetInt64(0), Standing: new Standing(row.GetInt64(1) / 1000f, row.GetInt64(2) / 1000f, (ulong)row.GetInt64(3), (ulong)row.GetInt64(4), row.GetInt32(5)), Changed: row.GetInt64(6))),
            cancellation).ConfigureAwait(false);
        foreach (var (key, standing, changed) in rows)
        {
            standings[key] = standing;
            seenChange = Math.Max(seenChange, changed);
        }
    }

    /// <summary>
    /// An account says how mail came out, or takes that back with a negative weight. False where it said enough today. In a write
    /// transaction; memory follows with the commit.
    /// </summary>
    internal bool Testify(Sql sql, IEnumerable<long> keys, float weight, bool unwanted, long account)
    {
        // What the upkeep notices at night is light and counted by nobody.
        if (weight >= 0.5f && !MaySpeak(account)) return false;
        var by = 1ul << (int)((ulong)EvidenceKey.Of(EvidenceKind.Teacher, account) % 64);
        var day = Today;
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var key in keys)
        {
            var standing = Read(sql, key).On(day).With(weight, unwanted, weight > 0 ? by : 0);
            sql.Execute($"""
                insert into reputation (reputation_key, wanted, unwanted, wanted_by, unwanted_by, as_of, changed)
                values ({key}, {(long)(standing.Wanted * 1000)}, {(long)(standing.Unwanted * 1000)}, {(long)standing.WantedBy}, {(long)standing.UnwantedBy}, {day}, {now})
                on conflict (reputation_key) do update set wanted = excluded.wanted, unwanted = excluded.unwanted, wanted_by = excluded.wanted_by,
                    unwanted_by = excluded.unwanted_by, as_of = excluded.as_of, changed = excluded.changed
                """);
            sql.AfterCommit(() => standings[key] = standing);
        }
        return true;
    }

    /// <summary>Forgets what has decayed to nothing, and what is beyond the bound. In a write transaction.</summary>
    internal void Forget(Sql sql)
    {
        var old = (time.GetUtcNow() - TimeSpan.FromDays(300)).ToUnixTimeMilliseconds();
        sql.Execute($"delete from reputation where changed < {old}");
        sql.Execute($"delete from reputation where changed <= coalesce((select changed from reputation order by changed desc limit 1 offset {MostKept}), 0)");
        sql.AfterCommit(() =>
        {
            if (standings.Count <= MostKept) return;
            foreach (var (key, _) in standings.OrderBy(pair => pair.Value.AsOf).Take(standings.Count - MostKept)) standings.TryRemove(key, out var _);
        });
    }

    private static Standing Read(Sql sql, long key) => sql.First(
        $"select wanted, unwanted, wanted_by, unwanted_by, as_of from reputation where reputation_key = {key}",
        row => new Standing(row.GetInt64(0) / 1000f, row.GetInt64(1) / 1000f, (ulong)row.GetInt64(2), (ulong)row.GetInt64(3), row.GetInt32(4)));

    private bool MaySpeak(long account)
    {
        lock (givenGuard)
        {
            if (givenDay != Today)
            {
                given.Clear();
                givenDay = Today;
            }
            var count = given.GetValueOrDefault(account);
            given[account] = count + 1;
            return count < MostPerAccount;
        }
    }
}
