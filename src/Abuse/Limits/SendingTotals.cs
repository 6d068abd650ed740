using System.Data.Common;
using Sternpost.Storage;

namespace Sternpost.Abuse.Limits;

/// <summary>How much was sent, of everything that is counted.</summary>
internal readonly record struct Totals(long Messages, long Internal, long External, long Fresh, long Automatic)
{
    internal long Of(Measure measure) => measure switch
    {
        Measure.Messages => Messages,
        Measure.Recipients => Internal + External,
        Measure.External => External,
        Measure.New => Fresh,
        Measure.Internal => Internal,
        _ => Automatic,
    };

    public static Totals operator +(Totals left, Totals right) =>
        new(left.Messages + right.Messages, left.Internal + right.Internal, left.External + right.External, left.Fresh + right.Fresh, left.Automatic + right.Automatic);

    public static Totals operator -(Totals left, Totals right) =>
        new(left.Messages - right.Messages, left.Internal - right.Internal, left.External - right.External, left.Fresh - right.Fresh, left.Automatic - right.Automatic);
}

/// <summary>
/// The running totals of scopes, a row for each five minutes in which something was sent. What was sent within a window is the newest
/// row less the last one before the window, so that reading it costs the same however much was sent.
/// </summary>
internal static class SendingTotals
{
    internal static readonly TimeSpan Bucket = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Kept = TimeSpan.FromDays(1);

    /// <summary>What was sent since the beginning of time, and in which five minutes last.</summary>
    internal static (long Bucket, Totals Sums) Newest(Sql sql, string scope) =>
        sql.First($"select messages, internal, external, fresh, automatic, bucket from sending_totals where scope = {scope} order by bucket desc limit 1", row => (row.GetInt64(5), Row(row)));

    /// <summary>What had been sent before any part of the window.</summary>
    internal static Totals Before(Sql sql, string scope, DateTimeOffset now, TimeSpan window) =>
        sql.First($"select messages, internal, external, fresh, automatic from sending_totals where scope = {scope} and bucket < {First(now, window)} order by bucket desc limit 1", Row);

    /// <summary>When a total was passed within a window, so that less would be counted from then on; null where it is the window's own beginning.</summary>
    internal static DateTimeOffset? EndOf(Sql sql, string scope, DateTimeOffset now, TimeSpan window, Measure measure, long total)
    {
        foreach (var (bucket, sums) in sql.Query(
            $"select messages, internal, external, fresh, automatic, bucket from sending_totals where scope = {scope} and bucket >= {First(now, window)} order by bucket", row => (row.GetInt64(5), Row(row))))
        {
            if (sums.Of(measure) >= total) return DateTimeOffset.FromUnixTimeMilliseconds(bucket) + Bucket;
        }
        return null;
    }

    /// <summary>Adds to a scope's totals.</summary>
    internal static void Add(Sql sql, string scope, (long Bucket, Totals Sums) newest, Totals more, DateTimeOffset now)
    {
        // A clock set back must not write behind what is there: totals only rise.
        var bucket = Math.Max(Of(now), newest.Bucket);
        var sum = newest.Sums + more;
        if (bucket == newest.Bucket && sql.Execute($"""
            update sending_totals set messages = {sum.Messages}, internal = {sum.Internal}, external = {sum.External}, fresh = {sum.Fresh}, automatic = {sum.Automatic}
            where scope = {scope} and bucket = {bucket}
            """) > 0) return;
        sql.Execute($"""
            insert into sending_totals (scope, bucket, messages, internal, external, fresh, automatic)
            values ({scope}, {bucket}, {sum.Messages}, {sum.Internal}, {sum.External}, {sum.Fresh}, {sum.Automatic})
            """);
        // A new row is the rare occasion on which rows that no window begins behind are swept out: all but the last before the longest.
        var oldest = First(now, Kept);
        sql.Execute($"delete from sending_totals where scope = {scope} and bucket < (select max(bucket) from sending_totals where scope = {scope} and bucket < {oldest})");
    }

    /// <summary>The scopes that begin so and have sent within a window.</summary>
    internal static List<string> Active(Sql sql, string start, DateTimeOffset now, TimeSpan window) =>
        sql.Query($"select distinct scope from sending_totals where substr(scope, 1, {start.Length}) = {start} and bucket >= {First(now, window)}", row => row.GetString(0));

    /// <summary>Forgets scopes that have sent nothing for two days: addresses that came once.</summary>
    internal static int Forget(Sql sql, DateTimeOffset now)
    {
        var oldest = First(now, Kept + Kept);
        return sql.Execute($"delete from sending_totals where scope in (select scope from sending_totals group by scope having max(bucket) < {oldest} limit 1000)");
    }

    // The oldest bucket of which some part may still lie within the window.
    private static long First(DateTimeOffset now, TimeSpan window) => Of(now - window);

    private static long Of(DateTimeOffset instant)
    {
        var ms = instant.ToUnixTimeMilliseconds();
        return ms - (ms % (long)Bucket.TotalMilliseconds);
    }

    private static Totals Row(DbDataReader row) => new(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4));
}
