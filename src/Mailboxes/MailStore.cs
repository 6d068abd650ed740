using System.Collections.Immutable;
using Sternpost.Accounts;
using Sternpost.Messages.Structure;
using Sternpost.Storage;

namespace Sternpost.Mailboxes;

/// <summary>RFC 6154 special uses; Inbox is RFC 3501's.</summary>
public enum SpecialUse
{
    /// <summary>An ordinary mailbox.</summary>
    None,
    /// <summary>INBOX.</summary>
    Inbox,
    /// <summary>\Drafts.</summary>
    Drafts,
    /// <summary>\Sent.</summary>
    Sent,
    /// <summary>\Junk.</summary>
    Junk,
    /// <summary>\Trash.</summary>
    Trash,
    /// <summary>\Archive.</summary>
    Archive,
}

/// <summary>The system flags as bits; keywords are beside them as text.</summary>
[Flags]
public enum MessageFlags
{
    /// <summary>None.</summary>
    None = 0,
    /// <summary>\Seen.</summary>
    Seen = 1,
    /// <summary>\Answered.</summary>
    Answered = 2,
    /// <summary>\Flagged.</summary>
    Flagged = 4,
    /// <summary>\Deleted.</summary>
    Deleted = 8,
    /// <summary>\Draft.</summary>
    Draft = 16,
}

/// <summary>A mailbox as it stood in one snapshot.</summary>
public sealed record Mailbox(long Id, long AccountId, string Name, SpecialUse Use, uint UidValidity, uint UidNext, long HighestModSeq, bool Subscribed, int Total, int Unseen, int Deleted, long Bytes);

/// <summary>One message in one mailbox: what SELECT and FETCH FLAGS need without touching the message.</summary>
public sealed record Entry(uint Uid, long EmailId, long ModSeq, MessageFlags Flags, ImmutableArray<string> Keywords, DateTimeOffset InternalDate, long Size);

/// <summary>What changed after a modseq. Uids in <paramref name="Vanished"/> are gone.</summary>
public sealed record MailboxChanges(long HighestModSeq, uint UidNext, IReadOnlyList<Entry> Changed, IReadOnlyList<uint> Vanished);

/// <summary>The immutable facts of a stored message, as FETCH ENVELOPE and BODYSTRUCTURE need them: no blob is read for these.</summary>
public sealed record StoredEmail(long Id, long AccountId, long Size, DateTimeOffset ReceivedAt, MessageStructure Structure);

/// <summary>How STORE changes flags.</summary>
public enum FlagOperation
{
    /// <summary>FLAGS.</summary>
    Replace,
    /// <summary>+FLAGS.</summary>
    Add,
    /// <summary>-FLAGS.</summary>
    Remove,
}

/// <summary>The outcome of a mailbox operation that a client may get wrong.</summary>
public enum MailboxOutcome
{
    /// <summary>Done.</summary>
    Ok,
    /// <summary>No such mailbox.</summary>
    NotFound,
    /// <summary>The name is taken.</summary>
    Exists,
    /// <summary>INBOX or another the server needs.</summary>
    NotAllowed,
    /// <summary>The name is malformed, too long or too deep.</summary>
    BadName,
    /// <summary>The account's quota is used up.</summary>
    OverQuota,
}

/// <summary>A message to add to a mailbox.</summary>
/// <param name="Prefix">Header lines this server adds (CRLF-ended), kept apart from what came in; may be empty.</param>
/// <param name="Content">The message as received.</param>
/// <param name="Flags">System flags.</param>
/// <param name="Keywords">Keywords.</param>
/// <param name="InternalDate">INTERNALDATE.</param>
public sealed record NewEmail(ReadOnlyMemory<byte> Prefix, ReadOnlyMemory<byte> Content, MessageFlags Flags, ImmutableArray<string> Keywords, DateTimeOffset InternalDate);

/// <summary>Told when a user moves mail into or out of Junk; the filter learns from it (composition wires it, so the store knows no filter).</summary>
public interface IJunkLessons
{
    /// <summary>The user of <paramref name="accountId"/> said of this message that it is (not) junk. Called after commit; must not throw and must not block.</summary>
    void Taught(long accountId, long emailId, bool junk);
}

/// <summary>Mailboxes and the messages in them; the store behind IMAP, POP3, JMAP and local delivery. Every write completes only when durable.</summary>
public sealed class MailStore(Database database, AccountDirectory directory, TimeProvider time)
{
    /// <summary>Set once at composition.</summary>
    public IJunkLessons? Lessons { get; set; }

    /// <summary>All mailboxes of the account, INBOX first; the standard ones are created when the account is first seen.</summary>
    public ValueTask<IReadOnlyList<Mailbox>> ListAsync(long accountId, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>The mailbox of that name (INBOX in any case), or null.</summary>
    public ValueTask<Mailbox?> FindAsync(long accountId, string name, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Creates a mailbox and missing parents ("/" separates).</summary>
    public ValueTask<MailboxOutcome> CreateAsync(long accountId, string name, SpecialUse use, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Renames, children with it; renaming INBOX moves its messages (RFC 9051 §6.3.6).</summary>
    public ValueTask<MailboxOutcome> RenameAsync(long accountId, string from, string to, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Deletes a mailbox and its messages; children stay.</summary>
    public ValueTask<MailboxOutcome> DeleteAsync(long accountId, string name, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Subscribes or unsubscribes.</summary>
    public ValueTask<MailboxOutcome> SubscribeAsync(long accountId, string name, bool subscribed, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>All entries of a mailbox by uid, with the mailbox as of the same snapshot; null where it is gone.</summary>
    public ValueTask<(Mailbox Mailbox, IReadOnlyList<Entry> Entries)?> OpenAsync(long mailboxId, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>What changed since <paramref name="modSeq"/>; null where the mailbox is gone.</summary>
    public ValueTask<MailboxChanges?> ChangesAsync(long mailboxId, long modSeq, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Facts of messages, in the order asked; ids not found are left out.</summary>
    public ValueTask<IReadOnlyList<StoredEmail>> EmailsAsync(IReadOnlyList<long> emailIds, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>The whole message, added header lines first; null where it is gone.</summary>
    public ValueTask<ReadOnlyMemory<byte>?> ContentAsync(long emailId, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Adds messages to a mailbox (APPEND); answers their uids in order.</summary>
    public ValueTask<(MailboxOutcome Outcome, uint UidValidity, IReadOnlyList<uint> Uids)> AppendAsync(long mailboxId, IReadOnlyList<NewEmail> emails, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Changes flags; answers the new entries of those changed, and the uids left alone because of <paramref name="unchangedSince"/> (RFC 7162).</summary>
    public ValueTask<(IReadOnlyList<Entry> Changed, IReadOnlyList<uint> Modified)> StoreFlagsAsync(long mailboxId, IReadOnlyList<uint> uids, FlagOperation operation, MessageFlags flags, ImmutableArray<string> keywords, long? unchangedSince, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Copies; answers old and new uids in pairs.</summary>
    public ValueTask<(MailboxOutcome Outcome, uint UidValidity, IReadOnlyList<(uint From, uint To)> Uids)> CopyAsync(long mailboxId, IReadOnlyList<uint> uids, long targetMailboxId, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Moves in one transaction (RFC 6851); answers old and new uids in pairs. Into or out of Junk it teaches.</summary>
    public ValueTask<(MailboxOutcome Outcome, uint UidValidity, IReadOnlyList<(uint From, uint To)> Uids)> MoveAsync(long mailboxId, IReadOnlyList<uint> uids, long targetMailboxId, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Removes messages flagged \Deleted (among <paramref name="uids"/> where given); answers the uids removed.</summary>
    public ValueTask<IReadOnlyList<uint>> ExpungeAsync(long mailboxId, IReadOnlyList<uint>? uids, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>
    /// Adds one message to several accounts inside a caller's write transaction: the content is stored once.
    /// Called by the intake, so that local delivery and the queue commit together.
    /// </summary>
    /// <returns>False for a target whose account is gone.</returns>
    public void Deliver(Sql sql, PreparedEmail email, IReadOnlyList<DeliveryTarget> targets) => throw new NotImplementedException();

    /// <summary>Parses and digests a message before the transaction, so that the writer thread does only SQL.</summary>
    public PreparedEmail Prepare(ReadOnlyMemory<byte> content) => throw new NotImplementedException();

    /// <summary>Calls back after each commit that touched the account, until disposed; coalesced, on a pool thread.</summary>
    public IDisposable Watch(long accountId, Action<long> mailboxChanged) => throw new NotImplementedException();
}

/// <summary>A message parsed and stored-to-be; made by <see cref="MailStore.Prepare"/>, usable once, by one transaction.</summary>
public sealed class PreparedEmail
{
}

/// <summary>One copy of a delivery.</summary>
/// <param name="AccountId">To whom.</param>
/// <param name="Use">Inbox or Junk.</param>
/// <param name="Prefix">This copy's header lines (Return-Path, Received, Authentication-Results, X-Sternpost-Verdict).</param>
public sealed record DeliveryTarget(long AccountId, SpecialUse Use, ReadOnlyMemory<byte> Prefix);
