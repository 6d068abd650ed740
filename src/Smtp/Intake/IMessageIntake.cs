using Sternpost.Abuse.Limits;
using Sternpost.Accounts;
using Sternpost.Filter;
using Sternpost.Messages.Envelopes;

namespace Sternpost.Smtp.Intake;

/// <summary>A message whose last byte has arrived and which policy has let through.</summary>
/// <param name="Session">The connection it came by.</param>
/// <param name="Envelope">Its envelope.</param>
/// <param name="TraceHeaders">Received and Authentication-Results lines to prepend, CRLF-ended. Return-Path and the verdict line are added at delivery.</param>
/// <param name="Content">The message as received (header fields forged in our own name already cut out). To be read only until the intake has answered: its memory then holds another message.</param>
/// <param name="Judgement">The filter's judgement; null for a submission, which is judged by the outgoing rules.</param>
/// <param name="Submitter">The account that sent it, or null for mail from outside.</param>
public sealed record IncomingMessage(SessionFacts Session, Envelope Envelope, ReadOnlyMemory<byte> TraceHeaders, ReadOnlyMemory<byte> Content, Judgement? Judgement, Account? Submitter)
{
    /// <summary>Who sends, in all the layers that are limited; null stands for the account alone with its address.</summary>
    public SendingIdentity? Sender { get; init; }

    /// <summary>The app password it was sent with; null for the account's own, and for mail from outside.</summary>
    public long? Credential { get; init; }

    /// <summary>Has a say in the transaction that keeps the message; null for nobody.</summary>
    public IIntakeGuard? Guard { get; init; }

    /// <summary>Why copies that leave wait for an administrator; null where they go.</summary>
    public string? Hold { get; init; }

    /// <summary>This server is a gateway for its recipients or for its sender: recipients elsewhere are no relaying.</summary>
    public GatewayRole Gateway { get; init; }
}

/// <summary>Which way a gateway passes a message on.</summary>
public enum GatewayRole
{
    /// <summary>It is none.</summary>
    None,
    /// <summary>To a server behind it.</summary>
    Inward,
    /// <summary>From a server behind it, in whose name it is signed.</summary>
    Outward,
}

/// <summary>What became of it.</summary>
/// <param name="Accepted">True: durable, we answer for it. False: nothing kept.</param>
/// <param name="Code">The SMTP code, e.g. 250 or 452.</param>
/// <param name="EnhancedCode">RFC 3463 code, e.g. "2.0.0".</param>
/// <param name="Text">One line of text.</param>
/// <param name="Id">The id in logs, traces and the queue.</param>
public sealed record IntakeResult(bool Accepted, int Code, string EnhancedCode, string Text, string Id);

/// <summary>Where the SMTP server hands a message on. Declared here and implemented by Queue, so that there is no cycle.</summary>
public interface IMessageIntake
{
    /// <summary>Stores local copies and queues the rest in one transaction; completes when durable.</summary>
    ValueTask<IntakeResult> AcceptAsync(IncomingMessage message, CancellationToken cancellation);
}
