namespace Sternpost.Mailboxes;

/// <summary>One copy of a delivery.</summary>
/// <param name="AccountId">To whom.</param>
/// <param name="Use">Inbox or Junk.</param>
/// <param name="Prefix">This copy's header lines (Return-Path, Received, Authentication-Results, X-Sternpost-Verdict).</param>
public sealed record DeliveryTarget(long AccountId, SpecialUse Use, ReadOnlyMemory<byte> Prefix);

/// <summary>Where a copy of a delivery lies.</summary>
/// <param name="AccountId">Whose.</param>
/// <param name="EmailId">The copy.</param>
/// <param name="MailboxId">Its mailbox.</param>
/// <param name="Uid">Its uid there.</param>
public sealed record DeliveredEmail(long AccountId, long EmailId, long MailboxId, uint Uid);
