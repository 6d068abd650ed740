using Sternpost.Abuse.Limits;
using Sternpost.Accounts.Sites;
using Sternpost.Storage;

namespace Sternpost.Abuse.Sites;

/// <summary>
/// What web sites and their scripts send, counted durably by script in sliding windows of an hour and a day, as <see cref="SendingLimits"/>
/// counts accounts. A script that was never seen before is limited or its mail waits, because that is how a stolen site begins to send.
/// </summary>
public sealed class SiteSending(Database database, TimeProvider time)
{
    /// <summary>Recipients outside in an hour that a new script may write to while it is limited.</summary>
    public const int NewScriptPerHour = 20;

    // A script that was quiet for its first day is part of the site.
    private static readonly TimeSpan NewFor = TimeSpan.FromDays(1);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly TimeSpan Bucket = TimeSpan.FromMinutes(5);

    // Whoever can make up names of scripts could fill the table.
    private const int MostScripts = 2000;

    /// <summary>True where what the script sends outside waits for an administrator.</summary>
    public ValueTask<bool> IsHeldAsync(Site site, string script, CancellationToken cancellation) => site.NewScripts == NewScripts.Hold
        ? database.ReadAsync(sql => Find(sql, site, script) is not { State: ScriptState.Allowed }, cancellation)
        : ValueTask.FromResult(false);

    /// <summary>What stands in the way of a message to so many recipients outside; null where nothing does. Counts nothing.</summary>
    public SiteObstacle? Check(Sql sql, Site site, string script, int outside)
    {
        var now = time.GetUtcNow();
        var known = Find(sql, site, script);
        if (known?.State == ScriptState.Blocked) return new SiteObstacle(IsLimit: false, $"{Named(script)} of the site {site.Address} is blocked by the administrator");
        if (outside == 0) return null;
        var isNew = known?.State != ScriptState.Allowed && (known is null || now - known.FirstSeen < NewFor);
        if (isNew && site.NewScripts == NewScripts.Limit)
        {
            var sent = known is null ? 0 : Sent(sql, $"select cast(coalesce(sum(recipients), 0) as bigint) from site_counts where script_id = {known.Id} and bucket >= {FirstBucket(now, Hour)}");
            if (sent + outside > NewScriptPerHour)
                return Limit($"{Named(script)} of the site {site.Address} is new here and may write to {NewScriptPerHour} recipients an hour for its first day; {sent} have been written to");
        }
        return Reached(sql, site, "hourly", Hour, site.PerHour, outside, now) ?? Reached(sql, site, "daily", Day, site.PerDay, outside, now);
    }

    /// <summary>Counts a message that is kept, inside the transaction that keeps it.</summary>
    public void Count(Sql sql, Site site, string script, int outside, long? heldMessage)
    {
        var now = time.GetUtcNow();
        var at = now.ToUnixTimeMilliseconds();
        var id = Find(sql, site, script)?.Id;
        if (id is null)
        {
            if (sql.First($"select count(*) from site_scripts where account_id = {site.AccountId}", row => row.GetInt64(0)) >= MostScripts)
                sql.Execute($"delete from site_scripts where id in (select id from site_scripts where account_id = {site.AccountId} and state = {(long)ScriptState.New} order by last_seen limit 100)");
            id = database.NextId();
            sql.Execute($"insert into site_scripts (id, account_id, script, state, first_seen, last_seen, messages) values ({id.Value}, {site.AccountId}, {script}, {(long)ScriptState.New}, {at}, {at}, {0L})");
        }
        sql.Execute($"update site_scripts set last_seen = {at}, messages = messages + 1 where id = {id.Value}");
        if (heldMessage is { } held) sql.Execute($"insert into site_holds (message_id, script_id) values ({held}, {id.Value})");
        if (outside == 0) return;
        var bucket = FirstBucket(now, TimeSpan.Zero);
        if (sql.Execute($"update site_counts set recipients = recipients + {outside} where script_id = {id.Value} and bucket = {bucket}") > 0) return;
        sql.Execute($"insert into site_counts (script_id, bucket, recipients) values ({id.Value}, {bucket}, {outside})");
        sql.Execute($"delete from site_counts where script_id = {id.Value} and bucket < {FirstBucket(now, Day)}");
    }

    /// <summary>Recipients outside that a site wrote to in the last hour and day.</summary>
    public ValueTask<(long Hour, long Day)> SentAsync(Site site, CancellationToken cancellation) =>
        database.ReadAsync(sql => (SentBySite(sql, site, Hour, time.GetUtcNow()), SentBySite(sql, site, Day, time.GetUtcNow())), cancellation);

    private static SiteObstacle? Reached(Sql sql, Site site, string period, TimeSpan window, int allowed, int outside, DateTimeOffset now)
    {
        if (allowed == 0) return null;
        var sent = SentBySite(sql, site, window, now);
        return sent + outside <= allowed ? null : Limit($"The {period} limit of the site {site.Address} is {allowed} outside recipients and {sent} have been written to");
    }

    private static long SentBySite(Sql sql, Site site, TimeSpan window, DateTimeOffset now) => Sent(sql,
        $"select cast(coalesce(sum(recipients), 0) as bigint) from site_counts join site_scripts on site_scripts.id = site_counts.script_id where account_id = {site.AccountId} and bucket >= {FirstBucket(now, window)}");

    private static long Sent(Sql sql, SqlText text) => sql.First(text, row => row.GetInt64(0));

    private static Known? Find(Sql sql, Site site, string script) => sql.First(
        $"select id, state, first_seen from site_scripts where account_id = {site.AccountId} and script = {script}",
        row => new Known(row.GetInt64(0), (ScriptState)row.GetInt64(1), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(2))));

    private static string Named(string script) => script.Length > 0 ? "The script " + script : "What sends";

    private static SiteObstacle Limit(string why) => new(IsLimit: true, why);

    // A bucket counts until all of it has left the window, so that no true hour or day holds more than the limit.
    private static long FirstBucket(DateTimeOffset now, TimeSpan window)
    {
        var ms = (now - window).ToUnixTimeMilliseconds();
        return ms - (ms % (long)Bucket.TotalMilliseconds);
    }

    private sealed record Known(long Id, ScriptState State, DateTimeOffset FirstSeen);
}

/// <summary>Why a site's message is not taken.</summary>
/// <param name="IsLimit">True for a limit, which passes; false for a block.</param>
/// <param name="Explanation">For the reply.</param>
public sealed record SiteObstacle(bool IsLimit, string Explanation);
