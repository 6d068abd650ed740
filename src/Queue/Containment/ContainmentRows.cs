using System.Data.Common;
using System.Text.Json;
using Sternpost.Storage;

namespace Sternpost.Queue.Containment;

/// <summary>The rows of containments.</summary>
internal static class ContainmentRows
{
    internal static void Insert(Sql sql, ContainmentCase made) => sql.Execute($"""
        insert into containments (id, account_id, address, since, automatic, reason, state, ended, facts, notice)
        values ({made.Id}, {made.AccountId}, {made.Address}, {made.Since.ToUnixTimeMilliseconds()}, {made.IsAutomatic}, {made.Reason}, {(int)made.State}, {(long?)null}, {JsonSerializer.Serialize(made.Facts)}, {made.Notice})
        """);

    internal static void End(Sql sql, long id, ContainmentState state, DateTimeOffset now) =>
        sql.Execute($"update containments set state = {(int)state}, ended = {now.ToUnixTimeMilliseconds()} where id = {id}");

    /// <summary>The newest of an account, or null.</summary>
    internal static ContainmentCase? Newest(Sql sql, long account) => sql.First(
        $"select id, account_id, address, since, automatic, reason, state, ended, facts, notice from containments where account_id = {account} order by id desc limit 1", Case);

    internal static List<ContainmentCase> All(Sql sql) => sql.Query(
        $"select id, account_id, address, since, automatic, reason, state, ended, facts, notice from containments order by id desc limit 1000", Case);

    internal static void Park(Sql sql, long containment, long message, string json, byte[] prefix) =>
        sql.Execute($"insert into contained_mail (containment_id, message_id, message, prefix) values ({containment}, {message}, {json}, {prefix})");

    internal static List<(long MessageId, string Json, byte[] Prefix)> Parked(Sql sql, long containment) =>
        sql.Query($"select message_id, message, prefix from contained_mail where containment_id = {containment} order by message_id", row => (row.GetInt64(0), row.GetString(1), row.GetFieldValue<byte[]>(2)));

    internal static void ForgetParked(Sql sql, long containment) => sql.Execute($"delete from contained_mail where containment_id = {containment}");

    internal static void AddCopy(Sql sql, long containment, ContainedCopy copy) => sql.Execute($"""
        insert into contained_copies (containment_id, email_id, account_id, from_mailbox, mailbox_id, uid, moved)
        values ({containment}, {copy.EmailId}, {copy.AccountId}, {copy.FromMailbox}, {copy.MailboxId}, {copy.Uid}, {(long?)null}) on conflict do nothing
        """);

    internal static List<ContainedCopy> Copies(Sql sql, long containment, bool moved) => sql.Query(
        $"select email_id, account_id, from_mailbox, mailbox_id, uid, moved from contained_copies where containment_id = {containment}", Copy).FindAll(copy => copy.IsMoved == moved);

    /// <summary>Containments with copies that are still to be moved.</summary>
    internal static List<long> Unfinished(Sql sql) => sql.Query($"select distinct containment_id from contained_copies where moved is null", row => row.GetInt64(0));

    /// <summary>Where a copy lies now; mailbox 0 where its owner had moved or deleted it before.</summary>
    internal static void Moved(Sql sql, long containment, ContainedCopy copy, long mailbox, long uid, DateTimeOffset now) => sql.Execute($"""
        update contained_copies set mailbox_id = {mailbox}, uid = {uid}, moved = {now.ToUnixTimeMilliseconds()}
        where containment_id = {containment} and email_id = {copy.EmailId} and account_id = {copy.AccountId}
        """);

    private static ContainedCopy Copy(DbDataReader row) => new(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), !row.IsDBNull(5));

    private static ContainmentCase Case(DbDataReader row) => new(
        row.GetInt64(0), row.GetInt64(1), row.GetString(2), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(3)), row.GetBoolean(4), row.GetString(5), (ContainmentState)row.GetInt32(6),
        row.IsDBNull(7) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(7)), JsonSerializer.Deserialize<ContainmentFacts>(row.GetString(8))!, row.GetString(9));
}

/// <summary>A copy in a mailbox here: where it lay and where it lies.</summary>
internal sealed record ContainedCopy(long EmailId, long AccountId, long FromMailbox, long MailboxId, long Uid, bool IsMoved);
