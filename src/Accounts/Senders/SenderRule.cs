namespace Sternpost.Accounts.Senders;

/// <summary>What a rule says of its sender.</summary>
public enum SenderRuleKind
{
    /// <summary>Remote pictures of this address are shown without being asked for, where the address is proved.</summary>
    Pictures = 1,

    /// <summary>Mail from this address or domain goes to Junk.</summary>
    Blocked = 2,

    /// <summary>The account has left this list; what still comes from it goes to Junk.</summary>
    ListLeft = 3,
}

/// <summary>What the owner of an account has said about a sender.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Kind">What it says.</param>
/// <param name="Subject">An address, a domain, or the id of a list (RFC 2919), in lower case.</param>
/// <param name="Name">What people call the sender.</param>
/// <param name="Created">When it was said.</param>
public sealed record SenderRule(long Id, SenderRuleKind Kind, string Subject, string Name, DateTimeOffset Created);
