using System.Data.Common;
using Sternpost.Storage;

namespace Sternpost.Abuse.Holds;

/// <summary>Which messages are held, and why. The queue holds their recipients; these rows say until when.</summary>
public static class HoldRows
{
    /// <summary>Writes a hold down, inside the transaction that puts the message into the queue.</summary>
    public static void Insert(Sql sql, long messageId, long accountId, DateTimeOffset now, Hold hold) => sql.Execute($"""
        insert into sending_holds (message_id, account_id, kind, reason, since, release_at, told)
        values ({messageId}, {accountId}, {(int)hold.Kind}, {hold.Reason}, {now.ToUnixTimeMilliseconds()}, {hold.ReleaseAt.ToUnixTimeMilliseconds()}, {false})
        """);

    /// <summary>The holds whose time is over, the oldest first.</summary>
    public static IReadOnlyList<HeldMessage> Due(Sql sql, DateTimeOffset now, int limit) => sql.Query(
        $"select message_id, account_id, kind, reason, since, release_at from sending_holds where release_at <= {now.ToUnixTimeMilliseconds()} order by release_at limit {limit}", Row);

    /// <summary>The holds of an account, the oldest first.</summary>
    public static IReadOnlyList<HeldMessage> Of(Sql sql, long accountId) => sql.Query(
        $"select message_id, account_id, kind, reason, since, release_at from sending_holds where account_id = {accountId} order by message_id", Row);

    /// <summary>All holds, the newest first.</summary>
    public static IReadOnlyList<HeldMessage> Newest(Sql sql, int limit) => sql.Query(
        $"select message_id, account_id, kind, reason, since, release_at from sending_holds order by message_id desc limit {limit}", Row);

    /// <summary>The hold of a message, or null.</summary>
    public static HeldMessage? Find(Sql sql, long messageId) => sql.First(
        $"select message_id, account_id, kind, reason, since, release_at from sending_holds where message_id = {messageId}", Row);

    /// <summary>Those of which their senders do not know yet.</summary>
    public static IReadOnlyList<HeldMessage> Untold(Sql sql, int limit) => sql.Query(
        $"select message_id, account_id, kind, reason, since, release_at from sending_holds where told = {false} order by message_id limit {limit}", Row);

    /// <summary>An account knows of its holds so far.</summary>
    public static void Told(Sql sql, long accountId, long upTo) => sql.Execute($"update sending_holds set told = {true} where account_id = {accountId} and message_id <= {upTo}");

    /// <summary>A message waits on.</summary>
    public static void Extend(Sql sql, long messageId, DateTimeOffset releaseAt) =>
        sql.Execute($"update sending_holds set since = {releaseAt.ToUnixTimeMilliseconds()} - (release_at - since), release_at = {releaseAt.ToUnixTimeMilliseconds()} where message_id = {messageId}");

    /// <summary>A message is held no more.</summary>
    public static void Delete(Sql sql, long messageId) => sql.Execute($"delete from sending_holds where message_id = {messageId}");

    private static HeldMessage Row(DbDataReader row) => new(row.GetInt64(0), row.GetInt64(1), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(4)),
        new Hold((HoldKind)row.GetInt32(2), row.GetString(3), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(5))));
}
