namespace Sternpost.Messages.Structure;

/// <summary>
/// The header fields of FETCH ENVELOPE, raw text unfolded (no CR, LF or NUL in any of them). Each is as the message has it: that
/// an absent Sender or Reply-To means From (RFC 9051 §7.5.2) is for the reader to add.
/// </summary>
public sealed record MessageEnvelope(
    string? Date,
    string? Subject,
    IReadOnlyList<EnvelopeAddress> From,
    IReadOnlyList<EnvelopeAddress> Sender,
    IReadOnlyList<EnvelopeAddress> ReplyTo,
    IReadOnlyList<EnvelopeAddress> To,
    IReadOnlyList<EnvelopeAddress> Cc,
    IReadOnlyList<EnvelopeAddress> Bcc,
    string? InReplyTo,
    string? MessageId)
{
    /// <summary>The References field, which ENVELOPE leaves out and threads are made of: its last 4,000 characters, where the nearest ancestors are.</summary>
    public string? References { get; init; }
}
