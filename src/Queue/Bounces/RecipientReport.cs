using Sternpost.Messages.Addresses;
using Sternpost.Messages.Envelopes;
using Sternpost.Queue.TransportSecurity;
using Sternpost.Smtp.Client;

namespace Sternpost.Queue.Bounces;

/// <summary>Action of RFC 3464 §2.3.3.</summary>
internal enum DsnAction
{
    Failed,
    Delayed,
    Delivered,
    Relayed,
}

/// <summary>What a notification says of one recipient.</summary>
/// <param name="Recipient">Whom.</param>
/// <param name="Action">What happened.</param>
/// <param name="Status">RFC 3463.</param>
/// <param name="Reason">What happened in our own words, for the case no server said anything.</param>
/// <param name="RemoteHost">The server that answered, or null.</param>
/// <param name="Reply">Its answer, or null.</param>
/// <param name="LastAttempt">When, or null where nothing was attempted.</param>
/// <param name="RetryUntil">How long we go on trying; delayed only.</param>
internal sealed record RecipientReport(
    EnvelopeRecipient Recipient,
    DsnAction Action,
    string Status,
    string Reason,
    string? RemoteHost = null,
    SmtpReply? Reply = null,
    DateTimeOffset? LastAttempt = null,
    DateTimeOffset? RetryUntil = null)
{
    /// <summary>Whether the sender asked for, or did not ask against, being told (RFC 3461 §4.1, §6).</summary>
    internal bool IsWanted => IsWantedFor(Recipient, Action);

    /// <summary>The same, before there is a report.</summary>
    internal static bool IsWantedFor(EnvelopeRecipient recipient, DsnAction action) => action switch
    {
        _ when recipient.Notify.HasFlag(DsnNotify.Never) => false,
        DsnAction.Failed => recipient.Notify == DsnNotify.Default || recipient.Notify.HasFlag(DsnNotify.Failure),
        DsnAction.Delayed => recipient.Notify == DsnNotify.Default || recipient.Notify.HasFlag(DsnNotify.Delay),
        _ => recipient.Notify.HasFlag(DsnNotify.Success),
    };
}

/// <summary>The message a notification is about.</summary>
internal sealed record ReportedMessage(long Id, EmailAddress? ReversePath, string? EnvelopeId, DsnReturn Return, DateTimeOffset Arrived)
{
    /// <summary>What its sender wanted of TLS; the notification is carried with the same care (RFC 8689 §5).</summary>
    internal TransportNeed Transport { get; init; }
}
