using Sternpost.Imap.Responses;
using Sternpost.Mailboxes;

namespace Sternpost.Imap.Commands;

/// <summary>What the store says of a mailbox operation, as a response with its code (RFC 5530, RFC 9208 §4.3).</summary>
internal static class MailboxOutcomes
{
    internal static Completion AsCompletion(this MailboxOutcome outcome, string done) => outcome switch
    {
        MailboxOutcome.Ok => Completion.Ok(done),
        MailboxOutcome.NotFound => Completion.No("NONEXISTENT", "There is no such mailbox"),
        MailboxOutcome.Exists => Completion.No("ALREADYEXISTS", "There is a mailbox of that name"),
        MailboxOutcome.NotAllowed => Completion.No("CANNOT", "That cannot be done to this mailbox"),
        MailboxOutcome.BadName => Completion.No("CANNOT", "The name is malformed, too long or too deep"),
        MailboxOutcome.OverQuota => Completion.No("OVERQUOTA", "The account's storage is used up"),
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, null),
    };

    /// <summary>The target of APPEND, COPY or MOVE is not there: the client may create it and try again (RFC 9051 §7.1).</summary>
    internal static Completion TryCreate { get; } = Completion.No("TRYCREATE", "There is no such mailbox; create it first");
}
