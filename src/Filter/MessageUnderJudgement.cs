using Sternpost.Messages.Envelopes;

namespace Sternpost.Filter;

/// <summary>Everything a judge may read: the session, the envelope, the bytes, and views of them made once and shared.</summary>
public sealed class MessageUnderJudgement(SessionFacts session, Envelope envelope, ReadOnlyMemory<byte> raw)
{
    /// <summary>The connection.</summary>
    public SessionFacts Session { get; } = session;

    /// <summary>The envelope.</summary>
    public Envelope Envelope { get; } = envelope;

    /// <summary>The message exactly as received.</summary>
    public ReadOnlyMemory<byte> Raw { get; } = raw;
}
