using Sternpost.Storage;

namespace Sternpost.Filter.Lessons;

/// <summary>One account's lessons inside one write transaction.</summary>
internal sealed class LessonBook
{
    private readonly Sql sql;
    private readonly long accountId;
    private readonly long version;
    private readonly long today;

    private LessonBook(Sql sql, long accountId, long version, long today, LessonWeights weights)
    {
        this.sql = sql;
        this.accountId = accountId;
        this.version = version;
        this.today = today;
        Weights = weights;
    }

    internal LessonWeights Weights { get; }

    /// <summary>Reads the account's weights and lets them fade to <paramref name="today"/>.</summary>
    internal static LessonBook Open(Sql sql, long accountId, long today)
    {
        var row = sql.First($"select version, as_of, weights from filter_accounts where account_id = {accountId}", row => (Version: row.GetInt64(0), AsOf: row.GetInt64(1), Weights: row.GetFieldValue<byte[]>(2)));
        if (row.Weights is null) return new LessonBook(sql, accountId, 0, today, new LessonWeights());
        var weights = LessonWeights.Read(row.Weights);
        if (today > row.AsOf) weights.Fade(LessonRule.Fading(today - row.AsOf));
        return new LessonBook(sql, accountId, row.Version, today, weights);
    }

    internal long TaughtSince(long moment) =>
        sql.First($"select count(*) from filter_lessons where account_id = {accountId} and taught > {moment}", row => row.GetInt64(0));

    /// <summary>Takes back what the message taught before, as far as it has not faded; false where it taught nothing.</summary>
    internal bool Undo(TaughtMessage taught)
    {
        var lesson = sql.First($"select step, as_of from filter_lessons where account_id = {accountId} and message_key = {taught.Key}", row => (Found: true, Step: row.GetInt64(0) / 1e6f, AsOf: row.GetInt64(1)));
        if (!lesson.Found) return false;
        if (lesson.Step != 0) taught.Features.Undo(Weights, lesson.Step, LessonRule.Fading(today - lesson.AsOf));
        sql.Execute($"delete from filter_lessons where account_id = {accountId} and message_key = {taught.Key}");
        return true;
    }

    internal void Learn(TaughtMessage taught, bool junk, float step, long now)
    {
        if (step != 0) taught.Features.Teach(Weights, step);
        sql.Execute($"insert into filter_lessons (account_id, message_key, junk, step, as_of, taught) values ({accountId}, {taught.Key}, {junk}, {(long)(step * 1e6f)}, {today}, {now})");
        sql.Execute($"delete from filter_lessons where account_id = {accountId} and taught < (select taught from filter_lessons where account_id = {accountId} order by taught desc limit 1 offset {LessonRule.MaxKept})");
    }

    /// <summary>Writes the weights; <paramref name="cache"/> has them once they are durable.</summary>
    internal void Save(LessonCache cache)
    {
        var next = version + 1;
        var blob = Weights.Write();
        sql.Execute($"""
            insert into filter_accounts (account_id, version, as_of, weights) values ({accountId}, {next}, {today}, {blob})
            on conflict (account_id) do update set version = excluded.version, as_of = excluded.as_of, weights = excluded.weights
            """);
        sql.AfterCommit(() => cache.Replace(accountId, next, today, new LearnedWeights(blob)));
    }
}
