namespace Sternpost.Abuse.Holds;

/// <summary>Why a message is held. The numbers are stored.</summary>
public enum HoldKind
{
    /// <summary>A soft limit was reached.</summary>
    Limit = 1,
    /// <summary>It is unusual for its sender, whose trust is spent.</summary>
    Trust = 2,
}

/// <summary>That a message is accepted and kept back.</summary>
/// <param name="Kind">Why.</param>
/// <param name="Reason">The same for people: a sentence without a full stop.</param>
/// <param name="ReleaseAt">When it goes on by itself, unless something bad has come by then.</param>
public sealed record Hold(HoldKind Kind, string Reason, DateTimeOffset ReleaseAt);

/// <summary>A message that is held.</summary>
/// <param name="MessageId">Its id in the queue.</param>
/// <param name="AccountId">Who sent it.</param>
/// <param name="Since">Since when.</param>
/// <param name="Hold">Why, and until when.</param>
public sealed record HeldMessage(long MessageId, long AccountId, DateTimeOffset Since, Hold Hold);
