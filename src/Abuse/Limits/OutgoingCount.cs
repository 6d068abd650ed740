using Sternpost.Messages.Addresses;

namespace Sternpost.Abuse.Limits;

/// <summary>What of a message the limits count.</summary>
/// <param name="Internal">Copies that stay here.</param>
/// <param name="External">Recipients outside, each once.</param>
/// <param name="IsAutomatic">A bounce, a receipt or an automatic reply to one recipient (RFC 3834): counted apart. To several it is ordinary mail, whatever it says of itself.</param>
public sealed record OutgoingCount(int Internal, IReadOnlyList<EmailAddress> External, bool IsAutomatic);

/// <summary>What counting came to.</summary>
/// <param name="Refusal">The hard limit in the way: nothing was counted and nothing may be accepted.</param>
/// <param name="Hold">The soft limit in the way: counted, and to be held.</param>
/// <param name="New">Which of the outside recipients the account never wrote to before.</param>
public sealed record CountOutcome(LimitReached? Refusal, LimitReached? Hold, IReadOnlyList<EmailAddress> New);
