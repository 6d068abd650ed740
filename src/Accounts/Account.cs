using Sternpost.Accounts.Sites;
using Sternpost.Messages.Addresses;

namespace Sternpost.Accounts;

/// <summary>Whether an account may be used.</summary>
public enum AccountStatus
{
    /// <summary>In use.</summary>
    Active,
    /// <summary>Receives, but nobody can sign in or send.</summary>
    Suspended,
    /// <summary>As suspended, because somebody else seemed to use it; a case says why and what was done.</summary>
    Contained,
}

/// <summary>A person's (or program's) mail account.</summary>
/// <param name="Id">Never used twice.</param>
/// <param name="Address">In lower case.</param>
/// <param name="DisplayName">The person's name; may be empty.</param>
/// <param name="Status">Whether it may be used.</param>
/// <param name="IsAdministrator">May administer the server.</param>
/// <param name="QuotaBytes">Most octets of mail; 0 means no limit.</param>
/// <param name="UsedBytes">Octets of mail when this was read.</param>
/// <param name="Created">When it was added.</param>
public sealed record Account(long Id, EmailAddress Address, string DisplayName, AccountStatus Status, bool IsAdministrator, long QuotaBytes, long UsedBytes, DateTimeOffset Created)
{
    /// <summary>The web site that this account is; null where it is a person's.</summary>
    public Site? Site { get; init; }
}
