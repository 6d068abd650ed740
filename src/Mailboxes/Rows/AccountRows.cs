using Sternpost.Storage;

namespace Sternpost.Mailboxes.Rows;

/// <summary>What the store reads and keeps of an account: its quota, the octets it uses, and the last UIDVALIDITY it was given.</summary>
internal static class AccountRows
{
    /// <summary>False where there is no such account.</summary>
    internal static bool Use(Sql sql, long accountId, long octets) =>
        sql.Execute($"update accounts set used_bytes = used_bytes + {octets} where id = {accountId}") > 0;

    /// <summary>Whether so many octets more stay within the quota; 0 means no quota.</summary>
    internal static bool HasRoom(Sql sql, long accountId, long octets)
    {
        var (quota, used) = sql.First($"select quota_bytes, used_bytes from accounts where id = {accountId}", row => (row.GetInt64(0), row.GetInt64(1)));
        return quota == 0 || used + octets <= quota;
    }

    internal static bool Exists(Sql sql, long accountId) =>
        sql.First($"select id from accounts where id = {accountId}", row => row.GetInt64(0)) != 0;

    /// <summary>Whether the standard mailboxes have been made.</summary>
    internal static bool IsKnown(Sql sql, long accountId) =>
        sql.First($"select account_id from mailbox_accounts where account_id = {accountId}", row => row.GetInt64(0)) != 0;

    internal static void Insert(Sql sql, long accountId) =>
        sql.Execute($"insert into mailbox_accounts (account_id, uid_validity) values ({accountId}, 0)");

    internal static void Delete(Sql sql, long accountId) => sql.Execute($"delete from mailbox_accounts where account_id = {accountId}");

    // RFC 9051 §2.3.1.1: whatever takes a name must have a greater UIDVALIDITY than what had it before. Seconds since 1970 as a
    // floor also keep it so where an account is removed and made again.
    internal static uint NextUidValidity(Sql sql, long accountId, DateTimeOffset now) => (uint)sql.First(
        $"""
        update mailbox_accounts set uid_validity = case when uid_validity < {now.ToUnixTimeSeconds()} then {now.ToUnixTimeSeconds()} else uid_validity + 1 end
        where account_id = {accountId} returning uid_validity
        """, row => row.GetInt64(0));
}
