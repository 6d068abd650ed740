using Sternpost.Messages.Envelopes;

namespace Sternpost.Smtp.Client;

/// <summary>How a recipient fared.</summary>
public enum RecipientOutcome
{
    /// <summary>The server answers for the message now.</summary>
    Delivered,
    /// <summary>Try again later.</summary>
    Deferred,
    /// <summary>Never.</summary>
    Failed,
}

/// <summary>What became of one recipient of a transaction.</summary>
/// <param name="Recipient">Whom.</param>
/// <param name="Outcome">How.</param>
/// <param name="Status">RFC 3463.</param>
/// <param name="Reason">What happened: the server's words where it spoke, ours where it did not.</param>
/// <param name="Reply">The reply that decided, or null.</param>
/// <param name="NotifiesSuccess">The server has taken over telling the sender of the delivery (RFC 3461 §5.2.1).</param>
public sealed record RecipientResult(EnvelopeRecipient Recipient, RecipientOutcome Outcome, string Status, string Reason, SmtpReply? Reply = null, bool NotifiesSuccess = false);
