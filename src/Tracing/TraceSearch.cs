using Sternpost.Storage;

namespace Sternpost.Tracing;

/// <summary>A message's way, found again.</summary>
/// <param name="Id">The message's id.</param>
/// <param name="Session">The reference of its SMTP session, or empty.</param>
/// <param name="Sender">The reverse-path; empty for the null one.</param>
/// <param name="MessageId">Its Message-ID, or empty.</param>
/// <param name="Subject">Its subject, or empty.</param>
/// <param name="Steps">Its steps, the first first.</param>
public sealed record FoundTrail(long Id, string Session, string Sender, string MessageId, string Subject, IReadOnlyList<FoundStep> Steps);

/// <summary>A step with its time.</summary>
public sealed record FoundStep(DateTimeOffset At, Step Step);

/// <summary>Finds trails by what people remember of a message.</summary>
public static class TraceSearch
{
    /// <summary>How many steps of each kind were taken since a moment.</summary>
    public static ValueTask<IReadOnlyDictionary<StepKind, long>> CountsAsync(Database database, DateTimeOffset since, CancellationToken cancellation) => database.ReadAsync<IReadOnlyDictionary<StepKind, long>>(
        sql => sql.Query($"select kind, count(*) from trail_steps where id >= {Database.IdAt(since)} group by kind", row => (Kind: (StepKind)row.GetInt32(0), Count: row.GetInt64(1))).ToDictionary(step => step.Kind, step => step.Count), cancellation);

    // Of a word that everybody's mail has, the newest are looked through; another word or a time brings older ones within reach.
    private const int MostByOneWord = 50_000;

    /// <summary>The trails that have all words of <paramref name="query"/>, the newest first.</summary>
    /// <param name="database">Where they are.</param>
    /// <param name="query">Addresses, domains, ids, words of the subject; all trails where it is empty.</param>
    /// <param name="since">From when.</param>
    /// <param name="until">To when.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellation">Ends the search.</param>
    public static ValueTask<List<FoundTrail>> FindAsync(Database database, string query, DateTimeOffset since, DateTimeOffset until, int limit, CancellationToken cancellation) =>
        database.ReadAsync(sql => Find(sql, TrailTerms.Asked(query), Database.IdAt(since), Database.IdAt(until), limit), cancellation);

    /// <summary>The newest trails with a step of a kind, the newest step first.</summary>
    public static ValueTask<List<FoundTrail>> NewestAsync(Database database, StepKind kind, DateTimeOffset since, int limit, CancellationToken cancellation) => database.ReadAsync<List<FoundTrail>>(
        sql => [.. sql.Query($"select trail_id, max(id) from trail_steps where kind = {(int)kind} and id >= {Database.IdAt(since)} group by trail_id order by 2 desc limit {limit}", row => row.GetInt64(0)).Select(id => One(sql, id)).OfType<FoundTrail>()],
        cancellation);

    /// <summary>The trails of what an account sent, the newest first, from those before another on.</summary>
    public static ValueTask<List<FoundTrail>> OfAccountAsync(Database database, long accountId, long before, int limit, CancellationToken cancellation) => database.ReadAsync<List<FoundTrail>>(
        sql => [.. sql.Query($"select id from trails where account_id = {accountId} and id < {before} order by id desc limit {limit}", row => row.GetInt64(0)).Select(id => One(sql, id)).OfType<FoundTrail>()],
        cancellation);

    private static List<FoundTrail> Find(Sql sql, List<long> terms, long from, long to, int limit)
    {
        List<long>? ids = null;
        foreach (var term in terms)
        {
            var having = sql.Query($"select trail_id from trail_terms where term = {term} and trail_id between {from} and {to} order by trail_id desc limit {MostByOneWord}", row => row.GetInt64(0));
            if (ids is null) ids = having;
            else
            {
                var both = having.ToHashSet();
                ids.RemoveAll(id => !both.Contains(id));
            }
            if (ids.Count == 0) return [];
        }
        ids ??= sql.Query($"select id from trails where id between {from} and {to} order by id desc limit {limit}", row => row.GetInt64(0));
        return [.. ids.Take(limit).Select(id => One(sql, id)).OfType<FoundTrail>()];
    }

    private static FoundTrail? One(Sql sql, long id)
    {
        var steps = sql.Query(
            $"select id, kind, recipient, what, advice from trail_steps where trail_id = {id} order by id",
            row => new FoundStep(Database.TimeOf(row.GetInt64(0)), new Step((StepKind)row.GetInt32(1), row.GetString(2), row.GetString(3), row.GetString(4))));
        return sql.First(
            $"select session, sender, message_id, subject from trails where id = {id}",
            row => new FoundTrail(id, row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), steps));
    }
}
