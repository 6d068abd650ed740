using System.Collections.Immutable;
using Sternpost.Accounts;
using Sternpost.Mailboxes;
using Sternpost.Messages.Addresses;

namespace Sternpost.Pop3;

/// <summary>
/// A user's INBOX as it stood at sign-in: message numbers are places in it and do not change while the session lasts, whatever
/// other clients do meanwhile. Nothing is changed in the store before <see cref="UpdateAsync"/>.
/// </summary>
internal sealed class Maildrop : IDisposable
{
    private readonly MailStore mail;
    private readonly Mailbox mailbox;
    private readonly IReadOnlyList<Entry> entries;
    private readonly IDisposable held;
    private readonly HashSet<int> deleted = [];
    private readonly HashSet<int> retrieved = [];

    private Maildrop(MailStore mail, EmailAddress owner, Mailbox mailbox, IReadOnlyList<Entry> entries, IDisposable held)
    {
        this.mail = mail;
        Owner = owner;
        this.mailbox = mailbox;
        this.entries = entries;
        this.held = held;
    }

    /// <summary>Whose it is.</summary>
    internal EmailAddress Owner { get; }

    /// <summary>Messages not marked as deleted.</summary>
    internal int Count => entries.Count - deleted.Count;

    /// <summary>Messages marked as deleted.</summary>
    internal int Marked => deleted.Count;

    /// <summary>The octets of messages not marked as deleted.</summary>
    internal long Octets => Numbers.Sum(Size);

    /// <summary>The numbers, from 1, of messages not marked as deleted.</summary>
    internal IEnumerable<int> Numbers => Enumerable.Range(1, entries.Count).Where(number => !deleted.Contains(number));

    /// <summary>Opens the account's maildrop; takes over <paramref name="held"/> where it succeeds. Null where the account has no INBOX any more.</summary>
    internal static async ValueTask<Maildrop?> OpenAsync(MailStore mail, Account account, IDisposable held, CancellationToken cancellation)
    {
        var inbox = (await mail.ListAsync(account.Id, cancellation).ConfigureAwait(false)).FirstOrDefault(mailbox => mailbox.Use == SpecialUse.Inbox);
        if (inbox is null || await mail.OpenAsync(inbox.Id, cancellation).ConfigureAwait(false) is not { } open) return null;
        return new Maildrop(mail, account.Address, open.Mailbox, open.Entries, held);
    }

    internal bool Has(int number) => number >= 1 && number <= entries.Count && !deleted.Contains(number);

    internal long Size(int number) => entries[number - 1].Size;

    /// <summary>RFC 1939 §7 UIDL: what IMAP promises never to use twice (RFC 9051 §2.3.1.1), so one message has one name in both protocols.</summary>
    internal string UniqueId(int number) => $"{mailbox.UidValidity}.{entries[number - 1].Uid}";

    /// <summary>The message; null where another client removed it meanwhile.</summary>
    internal ValueTask<ReadOnlyMemory<byte>?> ContentAsync(int number, CancellationToken cancellation) => mail.ContentAsync(entries[number - 1].EmailId, cancellation);

    internal void Delete(int number) => deleted.Add(number);

    internal void Retrieved(int number) => retrieved.Add(number);

    internal void Reset() => deleted.Clear();

    /// <summary>
    /// RFC 1939 §6: removes what was marked and marks as read what was retrieved; durable when it returns. A crash before that leaves
    /// each message either gone or there with \Deleted, and there means the client sees it again. False where some could not be removed.
    /// </summary>
    internal async ValueTask<bool> UpdateAsync(CancellationToken cancellation)
    {
        var read = Uids(retrieved.Except(deleted).Where(number => !entries[number - 1].Flags.HasFlag(MessageFlags.Seen)));
        if (read.Count > 0) await mail.StoreFlagsAsync(mailbox.Id, read, FlagOperation.Add, MessageFlags.Seen, ImmutableArray<string>.Empty, null, cancellation).ConfigureAwait(false);
        var gone = Uids(deleted);
        if (gone.Count == 0) return true;
        await mail.StoreFlagsAsync(mailbox.Id, gone, FlagOperation.Add, MessageFlags.Deleted, ImmutableArray<string>.Empty, null, cancellation).ConfigureAwait(false);
        var removed = await mail.ExpungeAsync(mailbox.Id, gone, cancellation).ConfigureAwait(false);
        if (removed.Count == gone.Count) return true;
        // Others may have removed some before us, which is as good; only what is still there was not removed.
        var left = await mail.OpenAsync(mailbox.Id, cancellation).ConfigureAwait(false);
        return left is not { } open || !open.Entries.Any(entry => gone.Contains(entry.Uid));
    }

    public void Dispose() => held.Dispose();

    private List<uint> Uids(IEnumerable<int> numbers) => [.. numbers.Order().Select(number => entries[number - 1].Uid)];
}
