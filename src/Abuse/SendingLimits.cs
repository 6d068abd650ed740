using Sternpost.Accounts;
using Sternpost.Storage;

namespace Sternpost.Abuse;

/// <summary>
/// Counts what accounts and domains send, durably, in sliding windows of an hour and a day. Only recipients outside this
/// server count: a limit contains the harm a stolen account can do to others, and mail between colleagues harms nobody's reputation.
/// </summary>
/// <remarks>
/// Counts stand in buckets of five minutes, and a bucket counts until all of it has left the window: the limit is never
/// exceeded in any true hour or day, and room may come up to five minutes late. The count that decides is made in the
/// transaction that accepts the message, and transactions run one after another, so the boundary is exact under any concurrency.
/// </remarks>
public sealed class SendingLimits(Database database, SendingLimitOptions options, TimeProvider time)
{
    internal static readonly TimeSpan Bucket = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>Whether <paramref name="recipients"/> more may be sent now; null where they may. Called at RCPT; counts nothing.</summary>
    public ValueTask<LimitReached?> CheckAsync(Account sender, int recipients, CancellationToken cancellation) =>
        database.ReadAsync(sql => FirstReached(sql, sender, recipients, time.GetUtcNow()), cancellation);

    /// <summary>
    /// Counts inside the transaction that accepts the message, so that no count is lost or doubled. Where a limit stands in
    /// the way it is answered and nothing is counted: the caller then accepts nothing.
    /// </summary>
    public LimitReached? Count(Sql sql, Account sender, int recipients)
    {
        if (recipients == 0) return null;
        var now = time.GetUtcNow();
        if (FirstReached(sql, sender, recipients, now) is { } reached) return reached;
        Add(sql, AccountScope(sender), recipients, now);
        Add(sql, DomainScope(sender), recipients, now);
        return null;
    }

    private static string AccountScope(Account sender) => "account:" + sender.Id;

    private static string DomainScope(Account sender) => "domain:" + sender.Address.Domain.Ascii;

    private LimitReached? FirstReached(Sql sql, Account sender, int recipients, DateTimeOffset now) =>
        Reached(sql, AccountScope(sender), sender.Address.ToString(), options.AccountPerHour, options.AccountPerDay, recipients, now)
        ?? Reached(sql, DomainScope(sender), sender.Address.Domain.Ascii, options.DomainPerHour, options.DomainPerDay, recipients, now);

    private static LimitReached? Reached(Sql sql, string scope, string name, int perHour, int perDay, int recipients, DateTimeOffset now)
    {
        if (perHour == 0 && perDay == 0) return null;
        var (hour, day) = (FirstBucket(now, Hour), FirstBucket(now, Day));
        var (sentInHour, sentInDay) = sql.First(
            $"select cast(coalesce(sum(case when bucket >= {hour} then recipients else 0 end), 0) as bigint), cast(coalesce(sum(recipients), 0) as bigint) from sending_counts where scope = {scope} and bucket >= {day}",
            row => (row.GetInt64(0), row.GetInt64(1)));
        if (perHour > 0 && sentInHour + recipients > perHour) return Explain(sql, scope, name, "hourly", Hour, perHour, sentInHour, recipients, now);
        if (perDay > 0 && sentInDay + recipients > perDay) return Explain(sql, scope, name, "daily", Day, perDay, sentInDay, recipients, now);
        return null;
    }

    private static LimitReached Explain(Sql sql, string scope, string name, string period, TimeSpan window, int allowed, long sent, int recipients, DateTimeOffset now)
    {
        var roomAt = DateTimeOffset.MaxValue;
        var left = sent;
        var since = FirstBucket(now, window);
        foreach (var (bucket, count) in sql.Query($"select bucket, recipients from sending_counts where scope = {scope} and bucket >= {since} order by bucket", row => (row.GetInt64(0), row.GetInt64(1))))
        {
            left -= count;
            if (left + recipients > allowed) continue;
            roomAt = DateTimeOffset.FromUnixTimeMilliseconds(bucket) + Bucket + window;
            break;
        }
        var when = roomAt == DateTimeOffset.MaxValue
            ? "send to fewer recipients at once"
            : $"there is room again at {roomAt.UtcDateTime:yyyy-MM-dd HH:mm} UTC";
        return new LimitReached($"{period} limit of {name}", allowed, roomAt, $"The {period} limit of {name} is {allowed} outside recipients and {sent} have been written to; {when}");
    }

    // The oldest bucket of which some part may still lie within the window.
    private static long FirstBucket(DateTimeOffset now, TimeSpan window) =>
        BucketOf(now - window);

    private static long BucketOf(DateTimeOffset instant)
    {
        var ms = instant.ToUnixTimeMilliseconds();
        return ms - (ms % (long)Bucket.TotalMilliseconds);
    }

    private static void Add(Sql sql, string scope, int recipients, DateTimeOffset now)
    {
        var bucket = BucketOf(now);
        if (sql.Execute($"update sending_counts set recipients = recipients + {recipients} where scope = {scope} and bucket = {bucket}") > 0) return;
        sql.Execute($"insert into sending_counts (scope, bucket, recipients) values ({scope}, {bucket}, {recipients})");
        // A new bucket is the rare occasion on which buckets no window reaches any more are swept out.
        sql.Execute($"delete from sending_counts where scope = {scope} and bucket < {FirstBucket(now, Day)}");
    }
}
