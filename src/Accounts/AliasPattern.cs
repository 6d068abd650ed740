using System.Diagnostics.CodeAnalysis;
using Sternpost.Dns;
using Sternpost.Messages.Addresses;

namespace Sternpost.Accounts;

/// <summary>The left side of an alias: one address, or <c>@domain</c> for everything else at the domain.</summary>
/// <param name="Key">As stored and compared.</param>
/// <param name="Domain">The domain it belongs to.</param>
/// <param name="Address">The address, or null for a catch-all.</param>
internal sealed record AliasPattern(string Key, DomainName Domain, EmailAddress? Address)
{
    internal static bool TryParse(string text, [NotNullWhen(true)] out AliasPattern? pattern)
    {
        pattern = null;
        if (text.StartsWith('@'))
        {
            if (DomainName.TryParse(text[1..], out var domain)) pattern = new AliasPattern(AddressKey.CatchAll(domain), domain, null);
        }
        else if (EmailAddress.TryParse(text, out var address))
        {
            pattern = new AliasPattern(address.Key, address.Domain, address);
        }
        return pattern is not null;
    }
}
