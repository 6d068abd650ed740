namespace Sternpost.Accounts.Grants;

/// <summary>What an account may send as beside its own addresses, because an administrator said so.</summary>
/// <param name="Id">Of the row.</param>
/// <param name="AccountId">Who may.</param>
/// <param name="Pattern">An address, <c>@example.com</c> for all of a domain, or a regular expression between slashes.</param>
/// <param name="Created">Since when.</param>
public sealed record SenderGrant(long Id, long AccountId, string Pattern, DateTimeOffset Created);
