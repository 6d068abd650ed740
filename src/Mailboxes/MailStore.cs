using System.Collections.Immutable;
using Sternpost.Accounts;
using Sternpost.Mailboxes.Changes;
using Sternpost.Mailboxes.Contents;
using Sternpost.Mailboxes.Names;
using Sternpost.Mailboxes.Objects;
using Sternpost.Mailboxes.Rows;
using Sternpost.Mailboxes.Trees;
using Sternpost.Messages.Structure;
using Sternpost.Messages.Threads;
using Sternpost.Storage;

namespace Sternpost.Mailboxes;

/// <summary>Mailboxes and the messages in them; the store behind IMAP, POP3, JMAP and local delivery. Every write completes only when durable.</summary>
public sealed class MailStore
{
    // A change of many messages that need not be one transaction is cut into pieces, so that deliveries wait milliseconds for it and not seconds.
    private const int PieceSize = 500;

    private readonly Database database;
    private readonly TimeProvider time;
    private readonly ChangeFeed feed;
    private readonly MailboxContents contents;
    private readonly MailboxTree tree;

    /// <summary>A store on this database. One for a process: its watchers hear of what went through it at once, of the rest within a second.</summary>
    public MailStore(Database database, AccountDirectory directory, TimeProvider time)
    {
        this.database = database;
        this.time = time;
        feed = new ChangeFeed(database, time);
        contents = new MailboxContents(database, feed, time);
        tree = new MailboxTree(database, contents, feed, time);
        Objects = new MailObjects(this, database, feed, contents, tree);
        directory.RemovingAccount = RemoveAccount;
    }

    /// <summary>The same store as objects with states.</summary>
    public MailObjects Objects { get; }

    /// <summary>Set once at composition.</summary>
    public IJunkLessons? Lessons { get; set; }

    /// <summary>All mailboxes of the account, INBOX first; the standard ones are created when the account is first seen.</summary>
    public async ValueTask<IReadOnlyList<Mailbox>> ListAsync(long accountId, CancellationToken cancellation)
    {
        await EnsureAsync(accountId, cancellation).ConfigureAwait(false);
        var mailboxes = await database.ReadAsync(sql => MailboxRows.OfAccount(sql, accountId), cancellation).ConfigureAwait(false);
        return [.. mailboxes.OrderBy(mailbox => mailbox.Use != SpecialUse.Inbox).ThenBy(mailbox => mailbox.Name, StringComparer.Ordinal)];
    }

    /// <summary>Names the account is subscribed to although they have no mailbox any more, in order.</summary>
    public async ValueTask<IReadOnlyList<string>> SubscribedWithoutMailboxAsync(long accountId, CancellationToken cancellation) =>
        await database.ReadAsync(sql => LostSubscriptions.OfAccount(sql, accountId), cancellation).ConfigureAwait(false);

    /// <summary>The mailbox of that name (INBOX in any case), or null.</summary>
    public async ValueTask<Mailbox?> FindAsync(long accountId, string name, CancellationToken cancellation)
    {
        if (!MailboxName.TryParse(name, out var parsed)) return null;
        await EnsureAsync(accountId, cancellation).ConfigureAwait(false);
        return await database.ReadAsync(sql => MailboxRows.Find(sql, accountId, parsed.Value), cancellation).ConfigureAwait(false);
    }

    /// <summary>Creates a mailbox and missing parents ("/" separates). NotAllowed where another has the special use, or there are too many mailboxes.</summary>
    public async ValueTask<MailboxOutcome> CreateAsync(long accountId, string name, SpecialUse use, CancellationToken cancellation) =>
        MailboxName.TryParse(name, out var parsed)
            ? await database.WriteAsync(sql => tree.Create(sql, accountId, parsed.Value, use), cancellation).ConfigureAwait(false)
            : MailboxOutcome.BadName;

    /// <summary>Renames, children with it; renaming INBOX moves its messages (RFC 9051 §6.3.6). What is renamed gets a new UIDVALIDITY.</summary>
    public async ValueTask<MailboxOutcome> RenameAsync(long accountId, string from, string to, CancellationToken cancellation)
    {
        if (!MailboxName.TryParse(from, out var old)) return MailboxOutcome.NotFound;
        if (!MailboxName.TryParse(to, out var name)) return MailboxOutcome.BadName;
        return await database.WriteAsync(sql => tree.Rename(sql, accountId, old.Value, name.Value), cancellation).ConfigureAwait(false);
    }

    /// <summary>Deletes a mailbox and its messages; children stay. INBOX and those with a special use cannot be deleted.</summary>
    public async ValueTask<MailboxOutcome> DeleteAsync(long accountId, string name, CancellationToken cancellation)
    {
        if (!MailboxName.TryParse(name, out var parsed)) return MailboxOutcome.NotFound;
        while (true)
        {
            var (outcome, isDone) = await database.WriteAsync(sql => DeletePiece(sql, accountId, parsed.Value), cancellation).ConfigureAwait(false);
            if (isDone) return outcome;
        }
    }

    /// <summary>Subscribes or unsubscribes.</summary>
    public async ValueTask<MailboxOutcome> SubscribeAsync(long accountId, string name, bool subscribed, CancellationToken cancellation) =>
        MailboxName.TryParse(name, out var parsed)
            ? await database.WriteAsync(sql => tree.Subscribe(sql, accountId, parsed.Value, subscribed), cancellation).ConfigureAwait(false)
            : MailboxOutcome.NotFound;

    /// <summary>All entries of a mailbox by uid, with the mailbox as of the same snapshot; null where it is gone.</summary>
    public ValueTask<(Mailbox Mailbox, IReadOnlyList<Entry> Entries)?> OpenAsync(long mailboxId, CancellationToken cancellation) =>
        database.ReadAsync<(Mailbox, IReadOnlyList<Entry>)?>(
            sql => MailboxRows.Find(sql, mailboxId) is { } mailbox ? (mailbox, EntryRows.All(sql, mailboxId)) : null, cancellation);

    /// <summary>What changed since <paramref name="modSeq"/>; null where the mailbox is gone.</summary>
    public ValueTask<MailboxChanges?> ChangesAsync(long mailboxId, long modSeq, CancellationToken cancellation) =>
        database.ReadAsync(
            sql =>
            {
                if (MailboxRows.Find(sql, mailboxId) is not { } mailbox) return null;
                if (modSeq >= mailbox.HighestModSeq) return new MailboxChanges(mailbox.HighestModSeq, mailbox.UidNext, [], []);
                return new MailboxChanges(mailbox.HighestModSeq, mailbox.UidNext, EntryRows.ChangedSince(sql, mailboxId, modSeq), Tombstones.Since(sql, mailbox, modSeq));
            },
            cancellation);

    /// <summary>Facts of messages, in the order asked; ids not found are left out.</summary>
    public ValueTask<IReadOnlyList<StoredEmail>> EmailsAsync(IReadOnlyList<long> emailIds, CancellationToken cancellation) =>
        database.ReadAsync<IReadOnlyList<StoredEmail>>(
            sql =>
            {
                var emails = new List<StoredEmail>(emailIds.Count);
                foreach (var id in emailIds)
                {
                    if (EmailRows.Find(sql, database.Blobs, id) is { } email) emails.Add(email);
                }
                return emails;
            },
            cancellation);

    /// <summary>The whole message, added header lines first; null where it is gone.</summary>
    public ValueTask<ReadOnlyMemory<byte>?> ContentAsync(long emailId, CancellationToken cancellation) =>
        database.ReadAsync(sql => EmailRows.Content(sql, database.Blobs, emailId) is { } content ? (ReadOnlyMemory<byte>?)content : null, cancellation);

    /// <summary>
    /// Octets of the whole message from <paramref name="offset"/>, at most <paramref name="length"/>: for a client that fetches a
    /// large message piece by piece, of which no more than the piece is read. Null where the message is gone.
    /// </summary>
    public ValueTask<ReadOnlyMemory<byte>?> ContentAsync(long emailId, long offset, int length, CancellationToken cancellation) =>
        database.ReadAsync(sql => EmailRows.Content(sql, database.Blobs, emailId, offset, length) is { } content ? (ReadOnlyMemory<byte>?)content : null, cancellation);

    /// <summary>Adds messages to a mailbox (APPEND), all or none; answers their uids in order.</summary>
    public async ValueTask<(MailboxOutcome Outcome, uint UidValidity, IReadOnlyList<uint> Uids)> AppendAsync(long mailboxId, IReadOnlyList<NewEmail> emails, CancellationToken cancellation)
    {
        // Asked before as well, so that what has no room is not written to files first.
        var (outcome, mailbox) = await database.ReadAsync(sql => MayAppend(sql, mailboxId, emails), cancellation).ConfigureAwait(false);
        if (outcome != MailboxOutcome.Ok) return (outcome, mailbox?.UidValidity ?? 0, []);
        var prepared = emails.Select(email => Prepare(email.Content)).ToArray();
        var done = await database.WriteAsync(sql => Append(sql, mailboxId, emails, prepared), cancellation).ConfigureAwait(false);
        if (done.Outcome != MailboxOutcome.Ok)
        {
            foreach (var email in prepared) database.Blobs.Discard(email.Blob);
        }
        return done;
    }

    /// <summary>Which messages of elsewhere (<see cref="NewEmail.Source"/>) the account has had before, whatever became of them.</summary>
    public ValueTask<IReadOnlySet<int>> ImportedAsync(long accountId, IReadOnlyList<byte[]> sources, CancellationToken cancellation) =>
        database.ReadAsync<IReadOnlySet<int>>(sql => Enumerable.Range(0, sources.Count).Where(i => ImportedRows.IsKnown(sql, accountId, sources[i])).ToHashSet(), cancellation);

    /// <summary>
    /// Changes flags; answers the entries as they now are (also those that already had the flags, their modseq unchanged), and the
    /// uids left alone because of <paramref name="unchangedSince"/> (RFC 7162). Many are changed in several transactions.
    /// </summary>
    public async ValueTask<(IReadOnlyList<Entry> Changed, IReadOnlyList<uint> Modified)> StoreFlagsAsync(long mailboxId, IReadOnlyList<uint> uids, FlagOperation operation, MessageFlags flags, ImmutableArray<string> keywords, long? unchangedSince, CancellationToken cancellation)
    {
        var change = new FlagChange(operation, flags, keywords, unchangedSince);
        var all = new List<Entry>();
        var allModified = new List<uint>();
        foreach (var piece in uids.Order().Chunk(PieceSize))
        {
            var (entries, modified) = await database.WriteAsync(sql => change.Run(sql, feed, mailboxId, piece), cancellation).ConfigureAwait(false);
            all.AddRange(entries);
            allModified.AddRange(modified);
        }
        return (all, allModified);
    }

    /// <summary>Copies, all or none; answers old and new uids in pairs. Into or out of Junk it teaches.</summary>
    public ValueTask<(MailboxOutcome Outcome, uint UidValidity, IReadOnlyList<(uint From, uint To)> Uids)> CopyAsync(long mailboxId, IReadOnlyList<uint> uids, long targetMailboxId, CancellationToken cancellation) =>
        database.WriteAsync(sql => Answer(sql, mailboxId, targetMailboxId, contents.Copy(sql, mailboxId, uids, targetMailboxId)), cancellation);

    /// <summary>
    /// Moves; answers old and new uids in pairs. Into or out of Junk it teaches. Each message moves or stays as it was; many move in
    /// several transactions, which RFC 6851 §3.3 leaves to the server.
    /// </summary>
    public async ValueTask<(MailboxOutcome Outcome, uint UidValidity, IReadOnlyList<(uint From, uint To)> Uids)> MoveAsync(long mailboxId, IReadOnlyList<uint> uids, long targetMailboxId, CancellationToken cancellation)
    {
        var first = true;
        var (outcome, validity) = (MailboxOutcome.Ok, 0u);
        var moved = new List<(uint From, uint To)>();
        foreach (var piece in uids.Order().Chunk(PieceSize).DefaultIfEmpty([]))
        {
            var done = await database.WriteAsync(sql => Answer(sql, mailboxId, targetMailboxId, contents.Move(sql, mailboxId, piece, targetMailboxId)), cancellation).ConfigureAwait(false);
            // A mailbox that goes meanwhile ends the move; what has moved has moved.
            if (done.Outcome != MailboxOutcome.Ok) return first ? done : (outcome, validity, moved);
            (first, validity) = (false, done.UidValidity);
            moved.AddRange(done.Uids);
        }
        return (outcome, validity, moved);
    }

    /// <summary>Removes messages flagged \Deleted (among <paramref name="uids"/> where given); answers the uids removed. Many go in several transactions.</summary>
    public async ValueTask<IReadOnlyList<uint>> ExpungeAsync(long mailboxId, IReadOnlyList<uint>? uids, CancellationToken cancellation)
    {
        var candidates = uids ?? await database.ReadAsync(sql => EntryRows.Deleted(sql, mailboxId), cancellation).ConfigureAwait(false);
        var removed = new List<uint>();
        foreach (var piece in candidates.Order().Chunk(PieceSize))
            removed.AddRange(await database.WriteAsync(sql => Expunge(sql, mailboxId, piece), cancellation).ConfigureAwait(false));
        return removed;
    }

    /// <summary>
    /// Adds one message to several accounts inside a caller's write transaction: the content is stored once.
    /// Called by the intake, so that local delivery and the queue commit together. A target whose account is gone is passed over;
    /// an account may come out slightly over its quota, because RCPT has said that there was room. Answers where the copies lie.
    /// </summary>
    public IReadOnlyList<DeliveredEmail> Deliver(Sql sql, PreparedEmail email, IReadOnlyList<DeliveryTarget> targets)
    {
        var now = time.GetUtcNow();
        var delivered = new List<DeliveredEmail>(targets.Count);
        foreach (var target in targets)
        {
            var size = target.Prefix.Length + (long)email.Blob.Content.Length;
            var delta = MailboxDelta.Of(target.Flags, size);
            var turn = (target.Mailbox is null ? null : TakeNamed(sql, target, delta))
                ?? MailboxRows.Take(sql, target.AccountId, target.Mailbox is null ? target.Use : SpecialUse.Inbox, delta)
                ?? (tree.Ensure(sql, target.AccountId) ? MailboxRows.Take(sql, target.AccountId, target.Mailbox is null ? target.Use : SpecialUse.Inbox, delta) : null);
            if (turn is null) continue;
            var id = contents.Add(sql, turn, target.AccountId, turn.FirstUid, email, target.Prefix, new Entry(0, 0, 0, target.Flags, FlagChange.Join([], target.Keywords), now, size));
            AccountRows.Use(sql, target.AccountId, size);
            feed.Changed(sql, target.AccountId, turn.MailboxId);
            delivered.Add(new DeliveredEmail(target.AccountId, id, turn.MailboxId, turn.FirstUid));
        }
        return delivered;
    }

    private MailboxTurn? TakeNamed(Sql sql, DeliveryTarget target, MailboxDelta delta)
    {
        if (!MailboxName.TryParse(target.Mailbox, out var name)) return null;
        if (MailboxRows.Find(sql, target.AccountId, name.Value) is null && target.Create) tree.Create(sql, target.AccountId, name.Value, SpecialUse.None);
        return MailboxRows.Find(sql, target.AccountId, name.Value) is { } mailbox ? MailboxRows.Take(sql, mailbox.Id, 1, delta) : null;
    }

    /// <summary>The entry of a mailbox that shows an email, where it still does under that uid; null otherwise.</summary>
    public ValueTask<Entry?> EntryAsync(long mailboxId, uint uid, long emailId, CancellationToken cancellation) =>
        database.ReadAsync(sql => EntryRows.Those(sql, mailboxId, [uid]).Find(entry => entry.EmailId == emailId), cancellation);

    /// <summary>
    /// Moves one message for the filter, which teaches nothing: into the account's mailbox <paramref name="targetId"/>, or its Junk where that is
    /// null. Null where the message is no longer there, or where its owner has flagged it in any way and <paramref name="onlyUntouched"/> asks for that.
    /// </summary>
    public ValueTask<DeliveredEmail?> MoveQuietlyAsync(long accountId, long mailboxId, uint uid, long emailId, long? targetId, bool onlyUntouched, CancellationToken cancellation) =>
        database.WriteAsync(
            sql =>
            {
                if (EntryRows.Those(sql, mailboxId, [uid]).Find(entry => entry.EmailId == emailId) is not { } entry) return null;
                if (onlyUntouched && (entry.Flags != MessageFlags.None || !entry.Keywords.IsDefaultOrEmpty)) return null;
                var target = targetId ?? MailboxRows.OfAccount(sql, accountId).Find(mailbox => mailbox.Use == SpecialUse.Junk)?.Id ?? 0;
                if (target == mailboxId) return null;
                var (_, turn, moved) = contents.Move(sql, mailboxId, [uid], target);
                return turn is null || moved.Count == 0 ? null : new DeliveredEmail(accountId, emailId, turn.MailboxId, moved[0].To);
            },
            cancellation);

    /// <summary>
    /// Parses and digests a message before the transaction, so that the writer thread does only SQL. More than 128 KiB is written
    /// and synced here, into a file that waits for the transaction.
    /// </summary>
    public PreparedEmail Prepare(ReadOnlyMemory<byte> content)
    {
        var structure = MessageStructure.Parse(content.Span);
        return new PreparedEmail(database.Blobs.Prepare(content), structure.ToBytes(), ThreadKeys.Of(structure.Envelope));
    }

    /// <summary>Lets go of a message that will not be stored after all.</summary>
    public void Discard(PreparedEmail email) => database.Blobs.Discard(email.Blob);

    /// <summary>Calls back after each commit that touched the account, until disposed; coalesced, on a pool thread. The callback must not throw.</summary>
    public IDisposable Watch(long accountId, Action<long> mailboxChanged) => feed.Watch(accountId, mailboxChanged);

    private async ValueTask EnsureAsync(long accountId, CancellationToken cancellation)
    {
        if (await database.ReadAsync(sql => AccountRows.IsKnown(sql, accountId), cancellation).ConfigureAwait(false)) return;
        await database.WriteAsync(sql => tree.Ensure(sql, accountId), cancellation).ConfigureAwait(false);
    }

    private void RemoveAccount(Sql sql, long accountId)
    {
        foreach (var mailbox in MailboxRows.OfAccount(sql, accountId))
        {
            contents.Remove(sql, mailbox, EntryRows.All(sql, mailbox.Id));
            tree.Delete(sql, mailbox);
        }
        LostSubscriptions.DeleteAll(sql, accountId);
        ThreadReferences.DeleteAll(sql, accountId);
        AccountLog.DeleteAll(sql, accountId);
        ImportedRows.DeleteAll(sql, accountId);
        AccountRows.Delete(sql, accountId);
    }

    private (MailboxOutcome Outcome, bool IsDone) DeletePiece(Sql sql, long accountId, MailboxName name)
    {
        var (outcome, mailbox) = MailboxTree.MayDelete(sql, accountId, name);
        if (mailbox is null) return (outcome, true);
        var piece = EntryRows.First(sql, mailbox.Id, PieceSize);
        contents.Remove(sql, mailbox, piece);
        if (piece.Count == PieceSize) return (outcome, false);
        tree.Delete(sql, mailbox);
        return (outcome, true);
    }

    private static (MailboxOutcome Outcome, Mailbox? Mailbox) MayAppend(Sql sql, long mailboxId, IReadOnlyList<NewEmail> emails)
    {
        if (MailboxRows.Find(sql, mailboxId) is not { } mailbox) return (MailboxOutcome.NotFound, null);
        return (AccountRows.HasRoom(sql, mailbox.AccountId, emails.Sum(SizeOf)) ? MailboxOutcome.Ok : MailboxOutcome.OverQuota, mailbox);
    }

    private static long SizeOf(NewEmail email) => email.Prefix.Length + (long)email.Content.Length;

    private (MailboxOutcome Outcome, uint UidValidity, IReadOnlyList<uint> Uids) Append(Sql sql, long mailboxId, IReadOnlyList<NewEmail> emails, PreparedEmail[] prepared)
    {
        var (outcome, mailbox) = MayAppend(sql, mailboxId, emails);
        if (outcome != MailboxOutcome.Ok || mailbox is null) return (outcome, mailbox?.UidValidity ?? 0, []);
        var delta = default(MailboxDelta);
        foreach (var email in emails) delta = delta.Plus(MailboxDelta.Of(email.Flags, SizeOf(email)));
        var turn = MailboxRows.Take(sql, mailboxId, emails.Count, delta)!;
        var added = new List<long>(emails.Count);
        var uids = new uint[emails.Count];
        for (var i = 0; i < uids.Length; i++)
        {
            var email = emails[i];
            uids[i] = turn.FirstUid + (uint)i;
            var entry = new Entry(0, 0, 0, email.Flags, FlagChange.Join([], email.Keywords), email.InternalDate, SizeOf(email));
            added.Add(contents.Add(sql, turn, mailbox.AccountId, uids[i], prepared[i], email.Prefix, entry));
            if (email.Source is { } source) ImportedRows.Insert(sql, mailbox.AccountId, source);
        }
        AccountRows.Use(sql, mailbox.AccountId, delta.Bytes);
        feed.Changed(sql, mailbox.AccountId, mailboxId);
        // What was filed as junk elsewhere, by whatever judged there, is nobody's word here.
        if (mailbox.Use == SpecialUse.Junk && emails.All(email => email.Source is null)) Teach(sql, mailbox.AccountId, added, junk: true);
        return (MailboxOutcome.Ok, turn.UidValidity, uids);
    }

    private uint[] Expunge(Sql sql, long mailboxId, uint[] uids)
    {
        if (MailboxRows.Find(sql, mailboxId) is not { } mailbox) return [];
        var entries = EntryRows.Those(sql, mailboxId, uids);
        entries.RemoveAll(entry => !entry.Flags.HasFlag(MessageFlags.Deleted));
        contents.Remove(sql, mailbox, entries);
        return [.. entries.Select(entry => entry.Uid)];
    }

    private (MailboxOutcome Outcome, uint UidValidity, IReadOnlyList<(uint From, uint To)> Uids) Answer(Sql sql, long mailboxId, long targetId, (MailboxOutcome Outcome, MailboxTurn? Turn, List<(Entry From, uint To)> Placed) done)
    {
        if (done.Turn is null) return (done.Outcome, 0, []);
        var source = MailboxRows.Find(sql, mailboxId)!;
        var target = MailboxRows.Find(sql, targetId)!;
        // Thrown away or filed as junk is a judgement; put from Junk into Trash is only tidying.
        if (source.Use != target.Use && (target.Use == SpecialUse.Junk || (source.Use == SpecialUse.Junk && target.Use != SpecialUse.Trash)))
            Teach(sql, target.AccountId, [.. done.Placed.Select(placed => placed.From.EmailId)], target.Use == SpecialUse.Junk);
        return (done.Outcome, done.Turn.UidValidity, [.. done.Placed.Select(placed => (placed.From.Uid, placed.To))]);
    }

    internal void Teach(Sql sql, long accountId, List<long> emailIds, bool junk)
    {
        if (Lessons is not { } lessons) return;
        sql.AfterCommit(() =>
        {
            foreach (var id in emailIds) lessons.Taught(accountId, id, junk);
        });
    }
}
