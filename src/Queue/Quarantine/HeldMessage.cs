using Sternpost.Messages.Addresses;
using Sternpost.Messages.Envelopes;

namespace Sternpost.Queue.Quarantine;

/// <summary>A message that is held for somebody to look at.</summary>
/// <param name="Id">As the log, the trace and the quarantine's verbs name it (<see cref="QueueId"/>).</param>
/// <param name="Received">When it came.</param>
/// <param name="Expires">When it is deleted.</param>
/// <param name="Sender">The reverse-path; null for the null one.</param>
/// <param name="Author">The From field, as text.</param>
/// <param name="Subject">The subject, as text.</param>
/// <param name="Preview">The beginning of what its reader would see, as text: nothing in it can run.</param>
/// <param name="Reason">Why it is held.</param>
/// <param name="Reference">By which its sender may ask.</param>
/// <param name="IsMalware">A scanner found something in it: only the administrator may release it.</param>
/// <param name="Size">Its octets.</param>
/// <param name="Recipients">Whom it is for.</param>
public sealed record HeldMessage(
    long Id, DateTimeOffset Received, DateTimeOffset Expires, EmailAddress? Sender, string Author, string Subject, string Preview, string Reason, string Reference, bool IsMalware, long Size,
    IReadOnlyList<HeldRecipient> Recipients)
{
    internal long BlobId { get; init; }

    internal byte[] Trace { get; init; } = [];

    internal BodyKind Body { get; init; }

    internal bool SmtpUtf8 { get; init; }

    /// <summary>Its release was asked for, for some recipient at least, and comes with the next round.</summary>
    public bool IsGoing => Recipients.Any(recipient => recipient.IsGoing);
}

/// <summary>One whom a held message is for.</summary>
/// <param name="Address">The recipient.</param>
/// <param name="AccountId">The account here; null for one elsewhere.</param>
public sealed record HeldRecipient(EmailAddress Address, long? AccountId)
{
    internal bool IsGoing { get; init; }

    internal bool Teaches { get; init; }
}
