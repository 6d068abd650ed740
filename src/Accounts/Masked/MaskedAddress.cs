using Sternpost.Messages.Addresses;

namespace Sternpost.Accounts.Masked;

/// <summary>What a sender is to a masked address.</summary>
public enum MaskedSenderKind
{
    /// <summary>The shop it was given to: the first sender that was proved.</summary>
    Shop = 1,

    /// <summary>The owner said that the shop may write from there too.</summary>
    Accepted = 2,

    /// <summary>Somebody it was not given to.</summary>
    Stranger = 3,
}

/// <summary>Who has written to a masked address.</summary>
/// <param name="Sender">A registered domain, or the whole address where the domain is a free-mail house.</param>
/// <param name="Kind">What he is to it.</param>
/// <param name="FirstSeen">When he first wrote.</param>
/// <param name="Messages">How many messages came from him.</param>
public sealed record MaskedSender(string Sender, MaskedSenderKind Kind, DateTimeOffset FirstSeen, long Messages);

/// <summary>An address that its owner gave to one shop alone.</summary>
/// <param name="Id">Its number.</param>
/// <param name="AccountId">Whose it is.</param>
/// <param name="Address">The address.</param>
/// <param name="Shop">Whom it was given to, in the owner's words.</param>
/// <param name="Note">What the owner wants to remember of it; may be empty.</param>
/// <param name="IsEnabled">False where mail to it is refused.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Messages">How many messages came to it.</param>
/// <param name="LastSender">Who wrote last; empty while nobody has.</param>
/// <param name="LastAt">When that was.</param>
public sealed record MaskedAddress(
    long Id, long AccountId, EmailAddress Address, string Shop, string Note, bool IsEnabled, DateTimeOffset Created, long Messages, string LastSender, DateTimeOffset? LastAt)
{
    /// <summary>Who has written to it.</summary>
    public IReadOnlyList<MaskedSender> Senders { get; init; } = [];

    /// <summary>Somebody has it whom it was not given to.</summary>
    public bool IsLeaked => Senders.Any(sender => sender.Kind == MaskedSenderKind.Stranger);
}

/// <summary>A masked address as RCPT and the filter ask for it.</summary>
/// <param name="Id">Its number.</param>
/// <param name="AccountId">Whose it is.</param>
/// <param name="IsEnabled">False where mail to it is refused.</param>
public sealed record MaskedRecipient(long Id, long AccountId, bool IsEnabled);
