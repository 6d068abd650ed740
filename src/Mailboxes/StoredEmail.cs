using Sternpost.Messages.Structure;

namespace Sternpost.Mailboxes;

/// <summary>The immutable facts of a stored message, as FETCH ENVELOPE and BODYSTRUCTURE need them: no blob is read for these.</summary>
/// <param name="Id">Of the email.</param>
/// <param name="AccountId">Whose it is.</param>
/// <param name="Size">Octets, added header lines included: RFC822.SIZE.</param>
/// <param name="ReceivedAt">When this server stored it.</param>
/// <param name="Structure">Its offsets count from the first octet after the added header lines.</param>
public sealed record StoredEmail(long Id, long AccountId, long Size, DateTimeOffset ReceivedAt, MessageStructure Structure)
{
    /// <summary>Octets of added header lines before the message as received: what to add to an offset to find it in the content.</summary>
    public int PrefixLength { get; init; }
}
