using Sternpost.Messages.Addresses;
using Sternpost.Storage;

namespace Sternpost.Queue.Gateway;

/// <summary>A mailbox behind the gateway whose Junk folder is looked at.</summary>
/// <param name="Id">Its id; its lessons are kept under the account <c>-Id</c>.</param>
/// <param name="Address">Its address.</param>
/// <param name="UidValidity">The folder's UIDVALIDITY when it was last read; 0 for never.</param>
/// <param name="NextUid">The first uid that was not read yet.</param>
/// <param name="Looked">When it was last looked at; null for never.</param>
/// <param name="Problem">Why the last look failed; empty where it did not.</param>
public sealed record WatchedMailbox(long Id, string Address, long UidValidity, long NextUid, DateTimeOffset? Looked, string Problem);

/// <summary>A message of ours in a Junk folder.</summary>
/// <param name="Message">The message.</param>
/// <param name="Uid">Its uid there; 0 where the folder was renumbered since.</param>
public sealed record JunkEntry(Passed Message, long Uid);

/// <summary>How far the Junk folders behind the gateway were read, and which messages of ours lie there.</summary>
public sealed class WatchedMailboxes(Database database, TimeProvider time)
{
    /// <summary>All, by address.</summary>
    public ValueTask<List<WatchedMailbox>> ListAsync(CancellationToken cancellation) => database.ReadAsync(WatchedRows.List, cancellation);

    /// <summary>Adds one that is not known yet.</summary>
    public async ValueTask AddAsync(EmailAddress address, CancellationToken cancellation)
    {
        var id = database.NextId();
        await WriteAsync(sql => WatchedRows.Add(sql, id, address.Key), cancellation).ConfigureAwait(false);
    }

    /// <summary>The messages of ours that were last seen in its Junk folder.</summary>
    public ValueTask<List<JunkEntry>> JunkAsync(long mailbox, CancellationToken cancellation) => database.ReadAsync(sql => WatchedRows.Junk(sql, mailbox), cancellation);

    /// <summary>The folder has other uids than before: everything in it is read anew.</summary>
    public ValueTask RenumberAsync(long mailbox, long uidValidity, CancellationToken cancellation) => WriteAsync(
        sql =>
        {
            sql.Execute($"update watched_junk set uid = 0 where mailbox_id = {mailbox}");
            sql.Execute($"update watched_mailboxes set uid_validity = {uidValidity}, next_uid = 1 where id = {mailbox}");
        },
        cancellation);

    /// <summary>A message of ours lies in the folder.</summary>
    public ValueTask SeenAsync(long mailbox, long passed, long uid, CancellationToken cancellation)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        return WriteAsync(sql => sql.Execute($"insert into watched_junk (mailbox_id, passed_id, uid, seen) values ({mailbox}, {passed}, {uid}, {now}) on conflict (mailbox_id, passed_id) do update set uid = excluded.uid"), cancellation);
    }

    /// <summary>A message of ours does not lie there any more.</summary>
    public ValueTask GoneAsync(long mailbox, long passed, CancellationToken cancellation) =>
        WriteAsync(sql => sql.Execute($"delete from watched_junk where mailbox_id = {mailbox} and passed_id = {passed}"), cancellation);

    /// <summary>The folder is read up to a uid.</summary>
    public ValueTask ReadAsync(long mailbox, long nextUid, CancellationToken cancellation) => WriteAsync(sql => sql.Execute($"update watched_mailboxes set next_uid = {nextUid} where id = {mailbox}"), cancellation);

    /// <summary>A look has ended; <paramref name="problem"/> is empty where nothing went wrong.</summary>
    public ValueTask LookedAsync(long mailbox, string problem, CancellationToken cancellation)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        return WriteAsync(sql => sql.Execute($"update watched_mailboxes set looked = {now}, problem = {problem} where id = {mailbox}"), cancellation);
    }

    /// <summary>Forgets mail that is too old to teach.</summary>
    public ValueTask ExpireAsync(CancellationToken cancellation)
    {
        var before = time.GetUtcNow() - PassedMail.Kept;
        return WriteAsync(sql => WatchedRows.Expire(sql, before), cancellation);
    }

    private async ValueTask WriteAsync(Action<Sql> work, CancellationToken cancellation) => await database.WriteAsync(
        sql =>
        {
            work(sql);
            return true;
        },
        cancellation).ConfigureAwait(false);
}
