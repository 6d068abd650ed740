using Sternpost.Messages.Addresses;

namespace Sternpost.Accounts;

/// <summary>One target of an alias. <paramref name="Pattern"/> is an address, or <c>@domain</c> for everything else at the domain (catch-all).</summary>
public sealed record MailAlias(long Id, string Pattern, EmailAddress Target);
