using System.Data.Common;
using Sternpost.Storage;

namespace Sternpost.Accounts.Shields;

/// <summary>The shields as rows: raised by the filter, ended and opened by who speaks with the account's owner.</summary>
public static class ShieldRows
{
    /// <summary>The longest that a code may be expected: long enough for the slowest shop, too short to be forgotten.</summary>
    public static readonly TimeSpan LongestWindow = TimeSpan.FromHours(1);

    /// <summary>How long an owner who says that it is no attack is not troubled again.</summary>
    public static readonly TimeSpan Ignored = TimeSpan.FromHours(24);

    /// <summary>An account's shield; <see cref="AccountShield.None"/> where it never had one.</summary>
    public static AccountShield Of(Sql sql, long accountId) => sql.First(
        $"select bomb_began, bomb_until, bomb_messages, bomb_senders, bomb_set_aside, bomb_ignored_until, code_until, code_email from account_shields where account_id = {accountId}", Read) ?? AccountShield.None;

    /// <summary>A burst was seen, or goes on: further ones are set aside until a time.</summary>
    public static void Bombed(Sql sql, long accountId, bool begins, int messages, int senders, DateTimeOffset now, DateTimeOffset until)
    {
        Ensure(sql, accountId);
        if (begins) sql.Execute($"update account_shields set bomb_began = {Milliseconds(now)}, bomb_set_aside = 0 where account_id = {accountId}");
        sql.Execute($"update account_shields set bomb_until = {Milliseconds(until)}, bomb_messages = {messages}, bomb_senders = {senders} where account_id = {accountId}");
    }

    /// <summary>A message was set aside for it.</summary>
    public static void SetAside(Sql sql, long accountId) => sql.Execute($"update account_shields set bomb_set_aside = bomb_set_aside + 1 where account_id = {accountId}");

    /// <summary>The owner says that it is no attack, or takes that back.</summary>
    public static void Ignore(Sql sql, long accountId, DateTimeOffset until)
    {
        Ensure(sql, accountId);
        sql.Execute($"update account_shields set bomb_ignored_until = {Milliseconds(until)} where account_id = {accountId}");
    }

    /// <summary>The owner expects a code until a time, or no longer.</summary>
    public static void Expect(Sql sql, long accountId, DateTimeOffset until)
    {
        Ensure(sql, accountId);
        sql.Execute($"update account_shields set code_until = {Milliseconds(until)}, code_email = 0 where account_id = {accountId}");
    }

    /// <summary>A message with a code came while one was expected.</summary>
    public static void CodeCame(Sql sql, long accountId, long emailId) => sql.Execute($"update account_shields set code_email = {emailId} where account_id = {accountId}");

    internal static void RemoveAccount(Sql sql, long accountId) => sql.Execute($"delete from account_shields where account_id = {accountId}");

    private static void Ensure(Sql sql, long accountId) => sql.Execute($"""
        insert into account_shields (account_id, bomb_began, bomb_until, bomb_messages, bomb_senders, bomb_set_aside, bomb_ignored_until, code_until, code_email)
        values ({accountId}, 0, 0, 0, 0, 0, 0, 0, 0) on conflict (account_id) do nothing
        """);

    private static AccountShield Read(DbDataReader row) =>
        new(Time(row.GetInt64(0)), Time(row.GetInt64(1)), row.GetInt32(2), row.GetInt32(3), row.GetInt64(4), Time(row.GetInt64(5)), Time(row.GetInt64(6)), row.GetInt64(7));

    private static long Milliseconds(DateTimeOffset time) => time == default ? 0 : time.ToUnixTimeMilliseconds();

    private static DateTimeOffset Time(long milliseconds) => milliseconds == 0 ? default : DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}
