using Sternpost.Mailboxes.Changes;
using Sternpost.Mailboxes.Contents;
using Sternpost.Mailboxes.Rows;
using Sternpost.Mailboxes.Trees;
using Sternpost.Storage;

namespace Sternpost.Mailboxes.Objects;

/// <summary>
/// The store as objects with states: emails that may be in several mailboxes, threads, mailboxes by id (RFC 8621). The same messages as
/// IMAP sees, in the same tables; a state is a number of the account's log, so it moves with every change whoever makes it.
/// </summary>
public sealed class MailObjects
{
    private const int PieceSize = 500;

    private readonly Database database;
    private readonly ChangeFeed feed;
    private readonly MailboxContents contents;
    private readonly AccountViews views;
    private readonly EmailWrites emails;
    private readonly MailboxWrites mailboxes;
    private readonly MailboxTree tree;
    private readonly MailStore store;

    internal MailObjects(MailStore store, Database database, ChangeFeed feed, MailboxContents contents, MailboxTree tree)
    {
        this.store = store;
        this.database = database;
        this.feed = feed;
        this.contents = contents;
        this.tree = tree;
        views = new AccountViews(database);
        emails = new EmailWrites(database, contents, feed);
        mailboxes = new MailboxWrites(tree, contents, feed);
    }

    /// <summary>Reads an account as it stands in one snapshot. What is given to <paramref name="work"/> must not outlive it.</summary>
    public async ValueTask<T> ReadAsync<T>(long accountId, Func<ObjectReader, T> work, CancellationToken cancellation)
    {
        // The standard mailboxes are there before anybody looks.
        if (!await database.ReadAsync(sql => AccountRows.IsKnown(sql, accountId), cancellation).ConfigureAwait(false))
            await database.WriteAsync(sql => tree.Ensure(sql, accountId), cancellation).ConfigureAwait(false);
        return await views.UseAsync(accountId, (view, sql) => work(new ObjectReader(sql, database.Blobs, view, accountId)), cancellation).ConfigureAwait(false);
    }

    /// <summary>Changes an account in one transaction; completes when durable.</summary>
    public ValueTask<T> WriteAsync<T>(long accountId, Func<ObjectWriter, T> work, CancellationToken cancellation) =>
        database.WriteAsync(sql => work(new ObjectWriter(sql, accountId, emails, mailboxes, store)), cancellation);

    /// <summary>Removes all emails of a mailbox, piece by piece, so that the transaction that destroys it is short. Nothing where it may not be destroyed.</summary>
    public async ValueTask ClearAsync(long accountId, long mailboxId, CancellationToken cancellation)
    {
        for (var more = true; more;)
        {
            more = await database.WriteAsync(
                sql =>
                {
                    if (MailboxWrites.MayDestroy(sql, accountId, mailboxId) != MailboxObjectOutcome.Ok || MailboxRows.Find(sql, mailboxId) is not { } mailbox) return false;
                    var piece = EntryRows.First(sql, mailboxId, PieceSize);
                    contents.Remove(sql, mailbox, piece);
                    return piece.Count == PieceSize;
                },
                cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Tells the account's watchers that something of it changed that is no mailbox, after the commit.</summary>
    public void Changed(Sql sql, long accountId) => feed.Changed(sql, accountId, 0);

    /// <summary>
    /// Finds the threads of mail that an earlier release stored. Answers how many messages it looked at; to be completed before anybody
    /// is let in, because a thread never changes afterwards.
    /// </summary>
    public async Task<int> CompleteThreadsAsync(CancellationToken cancellation)
    {
        var done = 0;
        while (true)
        {
            var piece = await database.ReadAsync(
                sql => sql.Query(
                    $"select distinct e.email_id, m.account_id from entries e join mailboxes m on m.id = e.mailbox_id where e.thread_id = 0 order by e.email_id limit {(long)PieceSize}",
                    row => (EmailId: row.GetInt64(0), AccountId: row.GetInt64(1))),
                cancellation).ConfigureAwait(false);
            if (piece.Count == 0) return done;
            await database.WriteAsync(
                sql =>
                {
                    foreach (var (emailId, accountId) in piece)
                    {
                        var keys = EmailRows.Find(sql, database.Blobs, emailId) is { } email ? Messages.Threads.ThreadKeys.Of(email.Structure.Envelope) : [];
                        var thread = ThreadReferences.Join(sql, accountId, keys, emailId);
                        sql.Execute($"update entries set thread_id = {thread} where email_id = {emailId}");
                    }
                    return 0;
                },
                cancellation).ConfigureAwait(false);
            done += piece.Count;
        }
    }

    /// <summary>Deletes what threads were found by whose last message is gone. Answers how many accounts it looked at.</summary>
    public async Task<int> SweepThreadsAsync(CancellationToken cancellation)
    {
        var accounts = await database.ReadAsync(sql => sql.Query($"select account_id from mailbox_accounts", row => row.GetInt64(0)), cancellation).ConfigureAwait(false);
        foreach (var accountId in accounts)
        {
            var gone = await database.ReadAsync(
                sql =>
                {
                    var there = sql.Query($"select distinct e.thread_id from entries e join mailboxes m on m.id = e.mailbox_id where m.account_id = {accountId}", row => row.GetInt64(0)).ToHashSet();
                    return sql.Query($"select reference, thread_id from thread_references where account_id = {accountId}", row => (Reference: row.GetInt64(0), ThreadId: row.GetInt64(1)))
                        .Where(row => !there.Contains(row.ThreadId)).ToList();
                },
                cancellation).ConfigureAwait(false);
            foreach (var piece in gone.Chunk(PieceSize))
            {
                await database.WriteAsync(
                    sql =>
                    {
                        foreach (var (reference, threadId) in piece)
                            sql.Execute($"delete from thread_references where account_id = {accountId} and reference = {reference} and thread_id = {threadId}");
                        return 0;
                    },
                    cancellation).ConfigureAwait(false);
            }
        }
        return accounts.Count;
    }
}
