using System.Collections.Immutable;

namespace Sternpost.Mailboxes;

/// <summary>One copy of a delivery.</summary>
/// <param name="AccountId">To whom.</param>
/// <param name="Use">Inbox, Junk, or another that the account has.</param>
/// <param name="Prefix">This copy's header lines (Return-Path, Received, Authentication-Results, X-Sternpost-Verdict).</param>
public sealed record DeliveryTarget(long AccountId, SpecialUse Use, ReadOnlyMemory<byte> Prefix)
{
    /// <summary>The mailbox by name instead; null for the one of <see cref="Use"/>. Where there is none of that name, the copy goes into the inbox.</summary>
    public string? Mailbox { get; init; }

    /// <summary>Makes the mailbox where it is missing.</summary>
    public bool Create { get; init; }

    /// <summary>System flags of the copy.</summary>
    public MessageFlags Flags { get; init; }

    /// <summary>Keywords of the copy.</summary>
    public ImmutableArray<string> Keywords { get; init; } = [];
}

/// <summary>Where a copy of a delivery lies.</summary>
/// <param name="AccountId">Whose.</param>
/// <param name="EmailId">The copy.</param>
/// <param name="MailboxId">Its mailbox.</param>
/// <param name="Uid">Its uid there.</param>
public sealed record DeliveredEmail(long AccountId, long EmailId, long MailboxId, uint Uid);
