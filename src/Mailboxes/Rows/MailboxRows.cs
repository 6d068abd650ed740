using System.Data.Common;
using Sternpost.Mailboxes.Names;
using Sternpost.Storage;

namespace Sternpost.Mailboxes.Rows;

/// <summary>What one change adds to a mailbox's counters.</summary>
internal readonly record struct MailboxDelta(int Total, int Unseen, int Deleted, long Bytes)
{
    internal static MailboxDelta Of(MessageFlags flags, long size) =>
        new(1, flags.HasFlag(MessageFlags.Seen) ? 0 : 1, flags.HasFlag(MessageFlags.Deleted) ? 1 : 0, size);

    internal MailboxDelta Plus(MailboxDelta other) => new(Total + other.Total, Unseen + other.Unseen, Deleted + other.Deleted, Bytes + other.Bytes);

    internal MailboxDelta Negated => new(-Total, -Unseen, -Deleted, -Bytes);
}

/// <summary>What a change of a mailbox was given: its modseq and the first of the uids it asked for.</summary>
internal sealed record MailboxTurn(long MailboxId, uint FirstUid, long ModSeq, uint UidValidity);

/// <summary>The statements on mailboxes.</summary>
internal static class MailboxRows
{
    internal static Mailbox? Find(Sql sql, long id) => sql.First(
        $"""
        select id, account_id, name, special_use, uid_validity, uid_next, highest_modseq, subscribed, total, unseen, deleted, bytes, sort_order
        from mailboxes where id = {id}
        """, Row);

    internal static Mailbox? Find(Sql sql, long accountId, MailboxName name) => sql.First(
        $"""
        select id, account_id, name, special_use, uid_validity, uid_next, highest_modseq, subscribed, total, unseen, deleted, bytes, sort_order
        from mailboxes where account_id = {accountId} and name = {name.Text}
        """, Row);

    internal static List<Mailbox> OfAccount(Sql sql, long accountId) => sql.Query(
        $"""
        select id, account_id, name, special_use, uid_validity, uid_next, highest_modseq, subscribed, total, unseen, deleted, bytes, sort_order
        from mailboxes where account_id = {accountId} order by name
        """, Row);

    internal static bool UseIsTaken(Sql sql, long accountId, SpecialUse use) =>
        sql.First($"select id from mailboxes where account_id = {accountId} and special_use = {(long)use} and special_use <> 0", row => row.GetInt64(0)) != 0;

    internal static int Count(Sql sql, long accountId) =>
        sql.First($"select count(*) from mailboxes where account_id = {accountId}", row => row.GetInt32(0));

    internal static void Insert(Sql sql, long id, long accountId, MailboxName name, SpecialUse use, bool subscribed, long uidValidity) => sql.Execute(
        $"""
        insert into mailboxes (id, account_id, name, special_use, subscribed, uid_validity, uid_next, highest_modseq, forgotten_modseq, total, unseen, deleted, bytes)
        values ({id}, {accountId}, {name.Text}, {(long)use}, {subscribed}, {uidValidity}, 1, 1, 0, 0, 0, 0, 0)
        """);

    internal static void Rename(Sql sql, long id, MailboxName name, long uidValidity) =>
        sql.Execute($"update mailboxes set name = {name.Text}, uid_validity = {uidValidity} where id = {id}");

    internal static void SetSubscribed(Sql sql, long id, bool subscribed) =>
        sql.Execute($"update mailboxes set subscribed = {subscribed} where id = {id}");

    internal static void SetSortOrder(Sql sql, long id, long sortOrder) =>
        sql.Execute($"update mailboxes set sort_order = {sortOrder} where id = {id}");

    internal static void SetUse(Sql sql, long id, SpecialUse use) =>
        sql.Execute($"update mailboxes set special_use = {(long)use} where id = {id}");

    internal static void Delete(Sql sql, long id)
    {
        Tombstones.DeleteAll(sql, id);
        sql.Execute($"delete from mailboxes where id = {id}");
    }

    /// <summary>
    /// The first statement of every change: takes the next modseq and as many uids as asked, and moves the counters along.
    /// Null where the mailbox is gone.
    /// </summary>
    internal static MailboxTurn? Take(Sql sql, long id, int uids, MailboxDelta delta) => sql.First(
        $"""
        update mailboxes set uid_next = uid_next + {uids}, highest_modseq = highest_modseq + 1,
            total = total + {delta.Total}, unseen = unseen + {delta.Unseen}, deleted = deleted + {delta.Deleted}, bytes = bytes + {delta.Bytes}
        where id = {id}
        returning id, uid_next - {uids}, highest_modseq, uid_validity
        """, Turn);

    /// <summary>The same by special use; null where the account has no such mailbox.</summary>
    internal static MailboxTurn? Take(Sql sql, long accountId, SpecialUse use, MailboxDelta delta) => sql.First(
        $"""
        update mailboxes set uid_next = uid_next + 1, highest_modseq = highest_modseq + 1,
            total = total + {delta.Total}, unseen = unseen + {delta.Unseen}, deleted = deleted + {delta.Deleted}, bytes = bytes + {delta.Bytes}
        where account_id = {accountId} and special_use = {(long)use} and special_use <> 0
        returning id, uid_next - 1, highest_modseq, uid_validity
        """, Turn);

    private static MailboxTurn Turn(DbDataReader row) => new(row.GetInt64(0), (uint)row.GetInt64(1), row.GetInt64(2), (uint)row.GetInt64(3));

    private static Mailbox Row(DbDataReader row) => new(
        row.GetInt64(0),
        row.GetInt64(1),
        row.GetString(2),
        (SpecialUse)row.GetInt32(3),
        (uint)row.GetInt64(4),
        (uint)row.GetInt64(5),
        row.GetInt64(6),
        row.GetBoolean(7),
        row.GetInt32(8),
        row.GetInt32(9),
        row.GetInt32(10),
        row.GetInt64(11))
    {
        SortOrder = row.GetInt64(12),
    };
}
