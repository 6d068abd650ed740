namespace Sternpost.Filter.Evidence;

/// <summary>What its owner has done with a copy, as far as it shows where the copy was put.</summary>
public enum CopyState
{
    /// <summary>It is no longer there: moved, deleted, or the account is gone.</summary>
    Gone,
    /// <summary>As it was delivered: not read, not flagged, not answered.</summary>
    Untouched,
    /// <summary>Read, or marked in some way.</summary>
    Touched,
    /// <summary>Answered.</summary>
    Answered,
}

/// <summary>Delivered copies, for what the filter does and learns after delivery. Composition puts the store behind it, so that the filter knows no mailboxes.</summary>
public interface IDeliveredMail
{
    /// <summary>What its owner has done with a copy.</summary>
    ValueTask<CopyState> StateAsync(long mailboxId, long uid, long emailId, CancellationToken cancellation);

    /// <summary>The whole copy, and how many octets at its beginning are header lines this server added; null where it is gone.</summary>
    ValueTask<(ReadOnlyMemory<byte> Message, int PrefixLength)?> ContentAsync(long emailId, CancellationToken cancellation);

    /// <summary>Moves a copy to Junk unless its owner has touched it; answers where it lies then, or null where it stayed. Teaches nothing.</summary>
    ValueTask<(long MailboxId, long Uid)?> MoveToJunkAsync(long accountId, long mailboxId, long uid, long emailId, CancellationToken cancellation);

    /// <summary>Moves a copy back to where it was; false where it is no longer there. Teaches nothing.</summary>
    ValueTask<bool> MoveBackAsync(long accountId, long mailboxId, long uid, long emailId, long toMailboxId, CancellationToken cancellation);
}
