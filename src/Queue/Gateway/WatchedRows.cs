using Sternpost.Storage;

namespace Sternpost.Queue.Gateway;

/// <summary>The SQL of mail that was passed on and of the Junk folders it may lie in.</summary>
internal static class WatchedRows
{
    internal static long Find(Sql sql, string address) => sql.First($"select id from watched_mailboxes where address = {address}", row => row.GetInt64(0));

    internal static void Add(Sql sql, long id, string address) =>
        sql.Execute($"insert into watched_mailboxes (id, address, uid_validity, next_uid, looked, problem) values ({id}, {address}, 0, 0, {(long?)null}, '') on conflict do nothing");

    internal static Passed? FindPassed(Sql sql, string? session, string messageId)
    {
        // A session may have brought several messages; without its field (a server behind took it off) the id that the sender gave must do.
        if (session is not null && sql.Query($"select id, message_id, junk from passed_mail where session = {session} and message_id = {messageId} order by id desc limit 1", Read) is [var exact]) return exact;
        return messageId.Length > 0 && sql.Query($"select id, message_id, junk from passed_mail where message_id = {messageId} order by id desc limit 1", Read) is [var found] ? found : null;
    }

    internal static List<WatchedMailbox> List(Sql sql) => sql.Query(
        $"select id, address, uid_validity, next_uid, looked, problem from watched_mailboxes order by address",
        row => new WatchedMailbox(row.GetInt64(0), row.GetString(1), row.GetInt64(2), row.GetInt64(3), row.IsDBNull(4) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(4)), row.GetString(5)));

    internal static List<JunkEntry> Junk(Sql sql, long mailbox) => sql.Query(
        $"select w.passed_id, w.uid, p.message_id, p.junk from watched_junk w join passed_mail p on p.id = w.passed_id where w.mailbox_id = {mailbox} order by w.uid",
        row => new JunkEntry(new Passed(row.GetInt64(0), row.GetString(2), row.GetBoolean(3)), row.GetInt64(1)));

    internal static void Expire(Sql sql, DateTimeOffset before)
    {
        var moment = before.ToUnixTimeMilliseconds();
        sql.Execute($"delete from watched_junk where passed_id in (select id from passed_mail where passed < {moment})");
        sql.Execute($"delete from passed_mail where passed < {moment}");
    }

    private static Passed Read(System.Data.Common.DbDataReader row) => new(row.GetInt64(0), row.GetString(1), row.GetBoolean(2));
}
