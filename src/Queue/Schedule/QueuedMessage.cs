using Sternpost.Messages.Addresses;
using Sternpost.Messages.Envelopes;
using Sternpost.Queue.Delivery;
using Sternpost.Queue.Reputation;
using Sternpost.Queue.TransportSecurity;

namespace Sternpost.Queue.Schedule;

/// <summary>Why a message is in the queue.</summary>
public enum QueueOrigin
{
    /// <summary>A user of this server sent it.</summary>
    Submission = 0,
    /// <summary>It came from outside and an alias passes it on.</summary>
    Forward = 1,
    /// <summary>This server wrote it: a notification for a sender outside.</summary>
    Notification = 2,
}

/// <summary>A message of the queue without its content.</summary>
public sealed record QueuedMessage
{
    /// <summary>Its id; <see cref="QueueId"/> shows it to people.</summary>
    public required long Id { get; init; }
    /// <summary>Why it is here.</summary>
    public required QueueOrigin Origin { get; init; }
    /// <summary>The account that sent it; null for the other origins.</summary>
    public long? AccountId { get; init; }
    /// <summary>MAIL FROM; null for <c>&lt;&gt;</c>.</summary>
    public required EmailAddress? ReversePath { get; init; }
    /// <summary>BODY=.</summary>
    public required BodyKind Body { get; init; }
    /// <summary>Whether SMTPUTF8 was given.</summary>
    public required bool SmtpUtf8 { get; init; }
    /// <summary>RET=.</summary>
    public required DsnReturn Return { get; init; }
    /// <summary>ENVID=, or null.</summary>
    public string? EnvelopeId { get; init; }
    /// <summary>What its sender wants of TLS on the way (RFC 8689).</summary>
    public TransportNeed Transport { get; init; }
    /// <summary>By which group of source addresses it leaves.</summary>
    public SourcePool Pool { get; init; }
    /// <summary>Octets, header lines we added included.</summary>
    public required long Size { get; init; }
    /// <summary>When we accepted it.</summary>
    public required DateTimeOffset Created { get; init; }
    /// <summary>When we give up.</summary>
    public required DateTimeOffset Expires { get; init; }
    /// <summary>Where its content lies.</summary>
    internal long BlobId { get; init; }
}

/// <summary>A recipient still owed.</summary>
/// <param name="Id">Of the row.</param>
/// <param name="MessageId">Of its message.</param>
/// <param name="Recipient">The address and what the sender wants to be told.</param>
/// <param name="Attempts">Attempts so far.</param>
/// <param name="NextAttempt">When the next is due.</param>
/// <param name="LastReply">What the last attempt came to, or null before the first.</param>
/// <param name="Held">Kept back by an administrator.</param>
/// <param name="Warned">The sender has been told of the delay.</param>
public sealed record QueuedRecipient(long Id, long MessageId, EnvelopeRecipient Recipient, int Attempts, DateTimeOffset NextAttempt, string? LastReply, bool Held, bool Warned)
{
    /// <summary>What decided on the protection of the last attempt's connection, and the certificate that was seen; null where there was no connection.</summary>
    public string? LastProtection { get; init; }

    /// <summary>The same as values; null as well for attempts of earlier releases.</summary>
    public AttemptProtection? LastProtectionFacts { get; init; }

    /// <summary>Id of the cause of what the last attempt came to; null before the first, and for attempts of earlier releases.</summary>
    public string? LastCause { get; init; }
}
