using Sternpost.Storage;

namespace Sternpost.Abuse.Trust;

/// <summary>The rows of habits, trust and what was sent lately. Every statement is on the path of each message that users send.</summary>
internal static class TrustRows
{
    // A trait belongs to the account from its third day on: a thief's network is not made known by his first message.
    internal static readonly TimeSpan UntilKnown = TimeSpan.FromDays(3);
    private const long DaysLooked = 60;

    internal static Habits Habits(Sql sql, long account, MessageTraits traits, DateTimeOffset now, double usualScore)
    {
        var today = Day(now);
        var sums = sql.First($"""
            select count(case when day < {today} and messages > 0 then 1 end), coalesce(max(case when day < {today} then external end), 0), coalesce(max(case when day < {today} then fresh end), 0),
                coalesce(max(case when day = {today} then external end), 0), coalesce(max(case when day = {today} then fresh end), 0),
                coalesce(max(case when day = {today} then odd end), 0)
            from sender_days where account_id = {account} and day between {today - DaysLooked} and {today}
            """, row => (Days: row.GetInt32(0), External: row.GetInt64(1), Fresh: row.GetInt64(2), TodayExternal: row.GetInt64(3), TodayFresh: row.GetInt64(4), TodayOdd: row.GetInt64(5)));
        var known = (now - UntilKnown).ToUnixTimeMilliseconds();
        var since = now.AddDays(-DaysLooked).ToUnixTimeMilliseconds();
        bool Any(TraitKind kind) => sql.First($"select 1 from sender_traits where account_id = {account} and kind = {(int)kind} and first_seen <= {known} and last_seen >= {since} limit 1", row => row.GetInt64(0)) == 1;
        bool Has(TraitKind kind, string text) =>
            sql.First($"select 1 from sender_traits where account_id = {account} and kind = {(int)kind} and trait = {MessageTraits.KeyOf(text)} and first_seen <= {known} and last_seen >= {since}", row => row.GetInt64(0)) == 1;
        // Where nothing is known of a kind, nothing can be unusual.
        bool Usual(TraitKind kind, string text) => text.Length == 0 || Has(kind, text) || !Any(kind);
        return new Habits
        {
            Days = sums.Days,
            UsualExternal = sums.External,
            UsualFresh = sums.Fresh,
            TodayExternal = sums.TodayExternal,
            TodayFresh = sums.TodayFresh,
            TodayOdd = sums.TodayOdd,
            HasHome = Any(TraitKind.Network),
            IsAtHome = Has(TraitKind.Network, MessageTraits.NetworkOf(traits.Source)),
            KnowsProgram = Usual(TraitKind.Program, traits.ProgramFamily),
            KnowsScript = Usual(TraitKind.Script, traits.Script),
            KnowsHour = sums.Days < 10 || Usual(TraitKind.Hour, HourOf(now)),
            KnowsLinks = traits.LinkDomains.All(domain => Usual(TraitKind.LinkDomain, domain)),
            UsualScore = usualScore,
        };
    }

    internal static void NoteTraits(Sql sql, long account, MessageTraits traits, DateTimeOffset now)
    {
        NoteTrait(sql, account, TraitKind.Network, MessageTraits.NetworkOf(traits.Source), now);
        NoteTrait(sql, account, TraitKind.Program, traits.ProgramFamily, now);
        NoteTrait(sql, account, TraitKind.Script, traits.Script, now);
        NoteTrait(sql, account, TraitKind.Hour, HourOf(now), now);
        foreach (var domain in traits.LinkDomains) NoteTrait(sql, account, TraitKind.LinkDomain, domain, now);
    }

    /// <summary>A trait was seen. Written once a day at most.</summary>
    internal static void NoteTrait(Sql sql, long account, TraitKind kind, string text, DateTimeOffset now)
    {
        if (text.Length == 0) return;
        var (key, at) = (MessageTraits.KeyOf(text), now.ToUnixTimeMilliseconds());
        var last = sql.First($"select last_seen from sender_traits where account_id = {account} and kind = {(int)kind} and trait = {key}", row => (long?)row.GetInt64(0));
        if (last is { } seen && at - seen < 86_400_000) return;
        sql.Execute($"""
            insert into sender_traits (account_id, kind, trait, first_seen, last_seen) values ({account}, {(int)kind}, {key}, {at}, {at})
            on conflict (account_id, kind, trait) do update set last_seen = excluded.last_seen
            """);
    }

    internal static void AddDay(Sql sql, long account, DateTimeOffset now, int messages = 0, int external = 0, int fresh = 0, int odd = 0, int bounced = 0, int complaints = 0) => sql.Execute($"""
        insert into sender_days (account_id, day, messages, external, fresh, odd, bounced, complaints) values ({account}, {Day(now)}, {messages}, {external}, {fresh}, {odd}, {bounced}, {complaints})
        on conflict (account_id, day) do update set messages = messages + excluded.messages, external = external + excluded.external, fresh = fresh + excluded.fresh, odd = odd + excluded.odd,
            bounced = bounced + excluded.bounced, complaints = complaints + excluded.complaints
        """);

    /// <summary>Today's sums.</summary>
    internal static (long External, long Bounced, long Complaints) Today(Sql sql, long account, DateTimeOffset now) => sql.First(
        $"select external + odd, bounced, complaints from sender_days where account_id = {account} and day = {Day(now)}", row => (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)));

    /// <summary>What is left, in thousandths, when that was, the usual content score and over how many messages; null where nothing was ever spent or scored.</summary>
    internal static (long Remaining, long AsOf, long UsualScore, long Scored)? Trust(Sql sql, long account) => sql.First(
        $"select remaining, as_of, usual_score, scored from sender_trust where account_id = {account}", row => ((long, long, long, long)?)(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3)));

    internal static void PutTrust(Sql sql, long account, long remaining, DateTimeOffset now, long usualScore, long scored) => sql.Execute($"""
        insert into sender_trust (account_id, remaining, as_of, usual_score, scored) values ({account}, {remaining}, {now.ToUnixTimeMilliseconds()}, {usualScore}, {scored})
        on conflict (account_id) do update set remaining = excluded.remaining, as_of = excluded.as_of, usual_score = excluded.usual_score, scored = excluded.scored
        """);

    /// <summary>What was learnt of an account since a moment was not its owner's doing.</summary>
    internal static void ForgetSince(Sql sql, long account, DateTimeOffset since)
    {
        sql.Execute($"delete from sender_traits where account_id = {account} and first_seen >= {since.ToUnixTimeMilliseconds()}");
        sql.Execute($"delete from sender_days where account_id = {account} and day > {Day(since)}");
    }

    /// <summary>Forgets what is older than anybody asks for.</summary>
    internal static void Forget(Sql sql, DateTimeOffset now)
    {
        var old = Database.IdAt(now.AddDays(-30));
        sql.Execute($"delete from sent_copies where message_id in (select message_id from sent_copies where message_id < {old} order by message_id limit 5000)");
        sql.Execute($"delete from sent_messages where id in (select id from sent_messages where id < {old} order by id limit 5000)");
        sql.Execute($"delete from sender_days where day < {Day(now) - DaysLooked - 30}");
        sql.Execute($"delete from sender_traits where last_seen < {now.AddDays(-120).ToUnixTimeMilliseconds()}");
        sql.Execute($"delete from barred_networks where until < {now.ToUnixTimeMilliseconds()}");
    }

    internal static long Day(DateTimeOffset now) => now.ToUnixTimeSeconds() / 86_400;

    private static string HourOf(DateTimeOffset now) => "hour " + now.UtcDateTime.Hour.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
