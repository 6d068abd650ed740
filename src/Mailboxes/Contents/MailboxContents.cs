using Sternpost.Mailboxes.Changes;
using Sternpost.Mailboxes.Rows;
using Sternpost.Storage;

namespace Sternpost.Mailboxes.Contents;

/// <summary>Messages come, go and are copied: each method is one transaction's work, and leaves counters, modseqs and references in step.</summary>
internal sealed class MailboxContents(Database database, ChangeFeed feed, TimeProvider time)
{
    /// <summary>Adds a message as a new email of the account and answers its id. The quota is the caller's to ask.</summary>
    internal long Add(Sql sql, MailboxTurn turn, long accountId, uint uid, PreparedEmail email, ReadOnlyMemory<byte> prefix, Entry entry)
    {
        var id = database.NextId();
        database.Blobs.Put(sql, email.Blob);
        EmailRows.Insert(sql, id, accountId, email, prefix, entry.Size, time.GetUtcNow());
        var placed = entry with { Uid = uid, EmailId = id, ModSeq = turn.ModSeq, ThreadId = ThreadReferences.Join(sql, accountId, email.ThreadKeys, id) };
        EntryRows.Insert(sql, turn.MailboxId, placed);
        if (!placed.Flags.HasFlag(MessageFlags.Deleted)) AccountLog.Note(sql, accountId, turn.MailboxId, placed, Happened.Created | Happened.Counts);
        return id;
    }

    internal (MailboxOutcome Outcome, MailboxTurn? Turn, List<(Entry From, uint To)> Copied) Copy(Sql sql, long mailboxId, IReadOnlyList<uint> uids, long targetId)
    {
        if (MailboxRows.Find(sql, mailboxId) is not { } source || MailboxRows.Find(sql, targetId) is not { } target || source.AccountId != target.AccountId)
            return (MailboxOutcome.NotFound, null, []);
        var entries = EntryRows.Those(sql, mailboxId, uids);
        var delta = Sum(entries);
        if (!AccountRows.HasRoom(sql, target.AccountId, delta.Bytes)) return (MailboxOutcome.OverQuota, null, []);
        var turn = MailboxRows.Take(sql, targetId, entries.Count, delta)!;
        var copied = Place(sql, turn, entries);
        foreach (var entry in entries)
        {
            EmailRows.AddCopy(sql, entry.EmailId);
            if (!entry.Flags.HasFlag(MessageFlags.Deleted)) AccountLog.Note(sql, target.AccountId, targetId, entry, Happened.Updated | Happened.Counts);
        }
        AccountRows.Use(sql, target.AccountId, delta.Bytes);
        feed.Changed(sql, target.AccountId, targetId);
        return (MailboxOutcome.Ok, turn, copied);
    }

    internal (MailboxOutcome Outcome, MailboxTurn? Turn, List<(Entry From, uint To)> Moved) Move(Sql sql, long mailboxId, IReadOnlyList<uint> uids, long targetId)
    {
        if (MailboxRows.Find(sql, mailboxId) is not { } source || MailboxRows.Find(sql, targetId) is not { } target || source.AccountId != target.AccountId)
            return (MailboxOutcome.NotFound, null, []);
        var (turn, moved) = Move(sql, source, targetId, EntryRows.Those(sql, mailboxId, uids));
        return (MailboxOutcome.Ok, turn, moved);
    }

    internal void MoveAll(Sql sql, Mailbox source, long targetId) => Move(sql, source, targetId, EntryRows.All(sql, source.Id));

    /// <summary>Removes entries that the caller has read in this transaction.</summary>
    internal void Remove(Sql sql, Mailbox mailbox, List<Entry> entries)
    {
        if (entries.Count == 0) return;
        var delta = Sum(entries).Negated;
        var turn = MailboxRows.Take(sql, mailbox.Id, 0, delta)!;
        foreach (var entry in entries)
        {
            EntryRows.Delete(sql, mailbox.Id, entry.Uid);
            Tombstones.Add(sql, mailbox.Id, entry.Uid, turn.ModSeq);
            // What was flagged \Deleted was gone already.
            if (!entry.Flags.HasFlag(MessageFlags.Deleted))
            {
                var goes = !EntryRows.IsSeenElsewhere(sql, entry.EmailId, mailbox.Id, entry.Uid);
                AccountLog.Note(sql, mailbox.AccountId, mailbox.Id, entry, (goes ? Happened.Destroyed : Happened.Updated) | Happened.Counts);
            }
            EmailRows.RemoveCopy(sql, database.Blobs, entry.EmailId);
        }
        Tombstones.Forget(sql, mailbox.Id, turn.ModSeq);
        AccountRows.Use(sql, mailbox.AccountId, delta.Bytes);
        feed.Changed(sql, mailbox.AccountId, mailbox.Id);
    }

    private (MailboxTurn Turn, List<(Entry From, uint To)> Moved) Move(Sql sql, Mailbox source, long targetId, List<Entry> entries)
    {
        var delta = Sum(entries);
        var turn = MailboxRows.Take(sql, targetId, entries.Count, delta)!;
        var leave = MailboxRows.Take(sql, source.Id, 0, delta.Negated)!;
        var moved = Place(sql, turn, entries);
        foreach (var entry in entries)
        {
            EntryRows.Delete(sql, source.Id, entry.Uid);
            Tombstones.Add(sql, source.Id, entry.Uid, leave.ModSeq);
            if (entry.Flags.HasFlag(MessageFlags.Deleted)) continue;
            AccountLog.Note(sql, source.AccountId, source.Id, entry, Happened.Updated | Happened.Counts);
            AccountLog.Note(sql, source.AccountId, targetId, entry, Happened.Updated | Happened.Counts);
        }
        Tombstones.Forget(sql, source.Id, leave.ModSeq);
        feed.Changed(sql, source.AccountId, source.Id);
        feed.Changed(sql, source.AccountId, targetId);
        return (turn, moved);
    }

    private static List<(Entry From, uint To)> Place(Sql sql, MailboxTurn turn, List<Entry> entries)
    {
        var placed = new List<(Entry From, uint To)>(entries.Count);
        var uid = turn.FirstUid;
        foreach (var entry in entries)
        {
            EntryRows.Insert(sql, turn.MailboxId, entry with { Uid = uid, ModSeq = turn.ModSeq });
            placed.Add((entry, uid++));
        }
        return placed;
    }

    private static MailboxDelta Sum(List<Entry> entries)
    {
        var sum = default(MailboxDelta);
        foreach (var entry in entries) sum = sum.Plus(MailboxDelta.Of(entry.Flags, entry.Size));
        return sum;
    }
}
