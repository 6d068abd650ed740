using Sternpost.Filter.Evidence;
using Sternpost.Mailboxes;

namespace Sternpost.Composition;

/// <summary>The store behind what the filter does after delivery.</summary>
internal sealed class DeliveredMail(MailStore mail) : IDeliveredMail
{
    public async ValueTask<CopyState> StateAsync(long mailboxId, long uid, long emailId, CancellationToken cancellation)
    {
        if (await mail.EntryAsync(mailboxId, (uint)uid, emailId, cancellation) is not { } entry || entry.Flags.HasFlag(MessageFlags.Deleted)) return CopyState.Gone;
        if (entry.Flags.HasFlag(MessageFlags.Answered)) return CopyState.Answered;
        return entry.Flags == MessageFlags.None && entry.Keywords.IsDefaultOrEmpty ? CopyState.Untouched : CopyState.Touched;
    }

    public async ValueTask<(ReadOnlyMemory<byte> Message, int PrefixLength)?> ContentAsync(long emailId, CancellationToken cancellation)
    {
        if (await mail.EmailsAsync([emailId], cancellation) is not [var email] || await mail.ContentAsync(emailId, cancellation) is not { } content) return null;
        return (content, email.PrefixLength);
    }

    public async ValueTask<(long MailboxId, long Uid)?> MoveToJunkAsync(long accountId, long mailboxId, long uid, long emailId, CancellationToken cancellation) =>
        await mail.MoveQuietlyAsync(accountId, mailboxId, (uint)uid, emailId, null, onlyUntouched: true, cancellation) is { } moved ? (moved.MailboxId, moved.Uid) : null;

    public async ValueTask<bool> MoveBackAsync(long accountId, long mailboxId, long uid, long emailId, long toMailboxId, CancellationToken cancellation) =>
        await mail.MoveQuietlyAsync(accountId, mailboxId, (uint)uid, emailId, toMailboxId, onlyUntouched: false, cancellation) is not null;
}
