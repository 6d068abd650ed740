using Sternpost.Storage;

namespace Sternpost.Mailboxes.Rows;

/// <summary>What a row of the log says; bits, because one message's change may be several things.</summary>
[Flags]
internal enum Happened
{
    None = 0,
    /// <summary>The message can be seen now and could not before.</summary>
    Created = 1,
    /// <summary>Its keywords or mailboxes changed.</summary>
    Updated = 2,
    /// <summary>It can be seen nowhere any more.</summary>
    Destroyed = 4,
    /// <summary>What the mailbox counts changed.</summary>
    Counts = 8,
    MailboxCreated = 16,
    /// <summary>Its name, subscription or order changed.</summary>
    MailboxUpdated = 32,
    MailboxDestroyed = 64,
}

/// <summary>One row of the log.</summary>
internal readonly record struct LogRow(long Seq, long MailboxId, long EmailId, long ThreadId, Happened What);

/// <summary>
/// The log of an account's changes, which the states of JMAP are numbers of (RFC 8620 §5.2). A message flagged \Deleted counts as gone
/// (RFC 8621 §4.1.1). An account keeps the last twenty thousand rows and some; who asks further back must read everything anew.
/// </summary>
internal static class AccountLog
{
    internal const int Kept = 20_000;
    private const int LooksEvery = 256;

    internal static void Note(Sql sql, long accountId, long mailboxId, long emailId, long threadId, Happened what)
    {
        var seq = sql.First(
            $"""
            insert into account_changes (account_id, seq, mailbox_id, email_id, thread_id, what)
            values ({accountId}, coalesce((select max(seq) from account_changes where account_id = {accountId}), 0) + 1, {mailboxId}, {emailId}, {threadId}, {(long)what})
            returning seq
            """, row => row.GetInt64(0));
        if (seq % LooksEvery == 0 && seq > Kept) sql.Execute($"delete from account_changes where account_id = {accountId} and seq <= {seq - Kept}");
    }

    internal static void Note(Sql sql, long accountId, long mailboxId, Entry entry, Happened what) => Note(sql, accountId, mailboxId, entry.EmailId, entry.ThreadId, what);

    /// <summary>The last row's number; 0 where nothing ever happened.</summary>
    internal static long Last(Sql sql, long accountId) =>
        sql.First($"select max(seq) from account_changes where account_id = {accountId}", row => row.IsDBNull(0) ? 0 : row.GetInt64(0));

    /// <summary>The number before the oldest row that is kept.</summary>
    internal static long Floor(Sql sql, long accountId) =>
        sql.First($"select min(seq) from account_changes where account_id = {accountId}", row => row.IsDBNull(0) ? 0 : row.GetInt64(0) - 1);

    /// <summary>The last row that says one of these; the floor where none does.</summary>
    internal static long Last(Sql sql, long accountId, Happened what)
    {
        var last = sql.First(
            $"select seq from account_changes where account_id = {accountId} and (what & {(long)what}) <> 0 order by seq desc limit 1", row => row.GetInt64(0));
        return last == 0 ? Floor(sql, accountId) : last;
    }

    /// <summary>The rows after a number, in order.</summary>
    internal static List<LogRow> Since(Sql sql, long accountId, long seq) => sql.Query(
        $"select seq, mailbox_id, email_id, thread_id, what from account_changes where account_id = {accountId} and seq > {seq} order by seq",
        row => new LogRow(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), (Happened)row.GetInt32(4)));

    /// <summary>Forgets all that happened and goes on at a number that much higher, with a row about nothing: whoever has an earlier state must read everything anew.</summary>
    internal static void Restart(Sql sql, long accountId, long higher)
    {
        var last = Last(sql, accountId);
        DeleteAll(sql, accountId);
        sql.Execute($"insert into account_changes (account_id, seq, mailbox_id, email_id, thread_id, what) values ({accountId}, {last + higher}, 0, 0, 0, {(long)Happened.None})");
    }

    internal static void DeleteAll(Sql sql, long accountId) => sql.Execute($"delete from account_changes where account_id = {accountId}");
}
