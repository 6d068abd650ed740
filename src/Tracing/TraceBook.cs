using Microsoft.Extensions.Logging;
using Sternpost.Storage;

namespace Sternpost.Tracing;

/// <summary>
/// Writes down each message's way. Steps of mail this server answers for are written in the transaction that makes them true; what is refused
/// is written behind, and of a flood of refusals some are left out.
/// </summary>
public sealed class TraceBook : IAsyncDisposable
{
    private const int MostWaiting = 10_000;

    private readonly Database database;
    private readonly WriteBehind refusals;

    /// <summary>A book kept in <paramref name="database"/>.</summary>
    public TraceBook(Database database, TimeProvider time, ILogger<TraceBook> log)
    {
        this.database = database;
        refusals = new WriteBehind(database, MostWaiting, time, log.TraceDropped, log.TraceLost);
        refusals.Start();
    }

    /// <summary>
    /// Makes a new trail with its first steps ready, and answers what writes them in a write transaction. All that can be worked out is worked out
    /// now: every message waits for the one transaction.
    /// </summary>
    public Action<Sql> Begin(Trail trail, IReadOnlyList<Step> steps)
    {
        var terms = TrailTerms.Of(trail);
        var written = TrailTerms.Write(terms);
        return sql =>
        {
            sql.Execute($"""
                insert into trails (id, session, message_id, subject, sender, terms, account_id)
                values ({trail.Id}, {trail.Session}, {trail.MessageId}, {trail.Subject}, {trail.Sender}, {written}, {trail.AccountId})
                """);
            foreach (var term in terms) sql.Execute($"insert into trail_terms (term, trail_id) values ({term}, {trail.Id}) on conflict do nothing");
            foreach (var step in steps) Write(sql, trail.Id, step);
        };
    }

    /// <summary>Writes one more step of a trail begun before. In a write transaction.</summary>
    public void Write(Sql sql, long trail, Step step) =>
        sql.Execute($"insert into trail_steps (id, trail_id, kind, recipient, what, advice) values ({database.NextId()}, {trail}, {(int)step.Kind}, {step.Recipient}, {step.What}, {step.Advice})");

    /// <summary>Writes a trail soon, for what was refused: nobody waits for it.</summary>
    public void Note(Trail trail, Step step) => refusals.Add(Begin(trail with { Id = database.NextId() }, [step]));

    /// <summary>Writes what still waits, then ends.</summary>
    public ValueTask DisposeAsync() => refusals.DisposeAsync();
}
