using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sternpost.Filter.Classifier;
using Sternpost.Storage;

namespace Sternpost.Filter.Lessons;

/// <summary>What became of a lesson.</summary>
public enum LessonOutcome
{
    /// <summary>Learned: the account's filter changed.</summary>
    Learned,
    /// <summary>Noted; the filter was of that opinion already.</summary>
    Known,
    /// <summary>Not learned: the account taught more today than one person can mean.</summary>
    TooMany,
}

/// <summary>
/// What each account taught its own filter by moving mail into and out of Junk, and what the administrator taught the whole
/// server's. Durable, bounded, and undone lesson by lesson. Lessons only ever change where mail goes, never what is refused.
/// </summary>
public sealed class AccountLessons
{
    /// <summary>In place of an account: what is taught under it holds for every account of this server.</summary>
    public const long WholeServer = 0;

    private readonly Database database;
    private readonly FilterOptions options;
    private readonly JudgePanel panel;
    private readonly LessonCache cache;
    private readonly TimeProvider time;
    private readonly ILogger logger;

    /// <summary>Lessons kept in <paramref name="database"/>, on top of what <paramref name="classifier"/> and the local judges think.</summary>
    public AccountLessons(Database database, FilterOptions options, StatisticalClassifier classifier, TimeProvider time, ILogger<AccountLessons>? logger = null)
    {
        this.database = database;
        this.options = options;
        this.time = time;
        this.logger = logger ?? NullLogger<AccountLessons>.Instance;
        panel = new JudgePanel(options, StandardJudges.All(options, null, classifier), null, time);
        cache = new LessonCache(database, time);
    }

    /// <summary>
    /// The owner of <paramref name="accountId"/> says that <paramref name="message"/>, as stored with the header lines this server
    /// added, is (not) junk. Completes when durable. An earlier lesson of the same message is undone first.
    /// </summary>
    /// <param name="accountId">The account, or <see cref="WholeServer"/>.</param>
    /// <param name="message">The message.</param>
    /// <param name="junk">True for junk.</param>
    /// <param name="unlimited">True for an administrator's own command: no limit a day.</param>
    /// <param name="cancellation">Cancels before the lesson is written.</param>
    public async ValueTask<LessonOutcome> TeachAsync(long accountId, ReadOnlyMemory<byte> message, bool junk, bool unlimited = false, CancellationToken cancellation = default)
    {
        var taught = await TaughtMessage.OfAsync(panel, message, time, cancellation).ConfigureAwait(false);
        // Before the transaction, from memory: the writer does only what must be written.
        var serverShift = accountId == WholeServer ? 0 : await ShiftOfAsync(WholeServer, taught.Features, cancellation).ConfigureAwait(false);
        var (outcome, shift) = await database.WriteAsync(sql => Teach(sql, accountId, taught, serverShift, junk, unlimited), cancellation).ConfigureAwait(false);
        if (outcome == LessonOutcome.TooMany)
        {
            logger.TaughtTooMuch(accountId);
            return outcome;
        }
        FilterMetrics.RecordLesson(junk);
        logger.Taught(accountId, junk ? "spam" : "ham", shift);
        return outcome;
    }

    /// <summary>Undoes the lesson of <paramref name="message"/>; false where there was none.</summary>
    public async ValueTask<bool> ForgetAsync(long accountId, ReadOnlyMemory<byte> message, CancellationToken cancellation = default)
    {
        var taught = await TaughtMessage.OfAsync(panel, message, time, cancellation).ConfigureAwait(false);
        return await database.WriteAsync(
            sql =>
            {
                var book = LessonBook.Open(sql, accountId, Today);
                if (!book.Undo(taught)) return false;
                book.Save(cache);
                return true;
            },
            cancellation).ConfigureAwait(false);
    }

    /// <summary>How many lessons of an account are kept.</summary>
    public ValueTask<long> CountAsync(long accountId, CancellationToken cancellation = default) =>
        database.ReadAsync(sql => sql.First($"select count(*) from filter_lessons where account_id = {accountId}", row => row.GetInt64(0)), cancellation);

    /// <summary>Undoes all lessons of an account; how many there were.</summary>
    public async ValueTask<int> ForgetAllAsync(long accountId, CancellationToken cancellation = default) => await database.WriteAsync(
        sql =>
        {
            sql.Execute($"delete from filter_accounts where account_id = {accountId}");
            return sql.Execute($"delete from filter_lessons where account_id = {accountId}");
        },
        cancellation).ConfigureAwait(false);

    /// <summary>What the account's lessons add to the score of a message: quick, from memory once the account is known.</summary>
    internal async ValueTask<float> ShiftAsync(long accountId, LessonFeatures features, CancellationToken cancellation)
    {
        var own = await ShiftOfAsync(accountId, features, cancellation).ConfigureAwait(false);
        return accountId == WholeServer ? own : LessonRule.Clamp(own + await ShiftOfAsync(WholeServer, features, cancellation).ConfigureAwait(false));
    }

    private async ValueTask<float> ShiftOfAsync(long accountId, LessonFeatures features, CancellationToken cancellation)
    {
        var (weights, asOf) = await cache.FindAsync(accountId, cancellation).ConfigureAwait(false);
        return weights is null ? 0 : LessonRule.Clamp(features.Shift(weights)) * LessonRule.Fading(Today - asOf);
    }

    private long Today => time.GetUtcNow().ToUnixTimeSeconds() / 86400;

    private (LessonOutcome Outcome, float Shift) Teach(Sql sql, long accountId, TaughtMessage taught, float serverShift, bool junk, bool unlimited)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var book = LessonBook.Open(sql, accountId, Today);
        if (!unlimited && book.TaughtSince(now - 86_400_000) >= LessonRule.MaxPerDay) return (LessonOutcome.TooMany, 0);
        var undone = book.Undo(taught);
        var score = taught.Score + LessonRule.Clamp(taught.Features.Shift(book.Weights) + serverShift);
        var step = LessonRule.Step(score, options.JunkThreshold, taught.Features.Energy, junk);
        book.Learn(taught, junk, step, now);
        if (step == 0 && !undone) return (LessonOutcome.Known, 0);
        book.Save(cache);
        return (LessonOutcome.Learned, step * taught.Features.Energy);
    }
}

/// <summary>A message being taught: what lessons see of it, its key, and what the server's filter thinks of it.</summary>
internal sealed record TaughtMessage(LessonFeatures Features, byte[] Key, double Score)
{
    internal static async ValueTask<TaughtMessage> OfAsync(JudgePanel panel, ReadOnlyMemory<byte> raw, TimeProvider time, CancellationToken cancellation)
    {
        var message = new Corpora.Arrival().Of(raw, "lesson", time);
        var findings = await panel.FindAsync(message, cancellation).ConfigureAwait(false);
        double score = 0;
        foreach (var finding in findings) score += finding.Weight;
        var features = message.Features ?? FeatureExtractor.Of(message);
        return new TaughtMessage(LessonFeatures.Of(message, features, PassedDmarc(message)), LessonFeatures.KeyOf(message), score);
    }

    // The topmost field is the one this server wrote when it took the message in.
    private static bool PassedDmarc(MessageUnderJudgement message) =>
        message.Header.TryGet("Authentication-Results"u8, out var value) && value.IndexOf("dmarc=pass"u8) >= 0;
}
