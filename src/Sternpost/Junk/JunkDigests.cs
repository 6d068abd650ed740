using Sternpost.Storage;

namespace Sternpost.Junk;

/// <summary>Which accounts are told of their Junk by mail, and how often.</summary>
internal static class JunkDigests
{
    /// <summary>Days between two; 0 where none are written.</summary>
    internal static int Days(Sql sql, long accountId) => sql.First($"select days from junk_digests where account_id = {accountId}", row => row.GetInt32(0));

    /// <summary>When the last was written; null where none are.</summary>
    internal static DateTimeOffset? Sent(Sql sql, long accountId) => sql.First($"select sent from junk_digests where account_id = {accountId}", row => (DateTimeOffset?)DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(0)));

    /// <summary>Sets how often; 0 for never. The first comes when that time has gone by.</summary>
    internal static void Set(Sql sql, long accountId, int days, DateTimeOffset now)
    {
        if (days == 0) RemoveAccount(sql, accountId);
        else sql.Execute($"insert into junk_digests (account_id, days, sent) values ({accountId}, {(long)days}, {now.ToUnixTimeMilliseconds()}) on conflict (account_id) do update set days = excluded.days");
    }

    /// <summary>Accounts that one is due for.</summary>
    internal static List<long> Due(Sql sql, DateTimeOffset now) => sql.Query(
        $"select account_id from junk_digests where sent + days * {(long)TimeSpan.FromDays(1).TotalMilliseconds} <= {now.ToUnixTimeMilliseconds()} order by sent limit 200", row => row.GetInt64(0));

    internal static void Done(Sql sql, long accountId, DateTimeOffset now) => sql.Execute($"update junk_digests set sent = {now.ToUnixTimeMilliseconds()} where account_id = {accountId}");

    internal static void RemoveAccount(Sql sql, long accountId) => sql.Execute($"delete from junk_digests where account_id = {accountId}");
}
