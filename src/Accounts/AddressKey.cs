using Sternpost.Dns;
using Sternpost.Messages.Addresses;

namespace Sternpost.Accounts;

/// <summary>How addresses and alias patterns stand in the database: lower case, A-labels, the local-part unquoted.</summary>
internal static class AddressKey
{
    /// <summary>The separator between a local-part and its detail (RFC 5233).</summary>
    internal const char Detail = '+';

    /// <summary>The address of a stored key. A local-part may hold an at sign, a domain never does.</summary>
    internal static EmailAddress Read(string key)
    {
        var at = key.LastIndexOf('@');
        return EmailAddress.Of(key[..at], DomainName.Parse(key[(at + 1)..]));
    }

    /// <summary>The key of a domain's catch-all.</summary>
    internal static string CatchAll(DomainName domain) => "@" + domain.Ascii;

    /// <summary>Splits <c>local+detail</c>; false where there is no detail or nothing before it.</summary>
    internal static bool TrySplit(EmailAddress address, out EmailAddress baseAddress, out string detail)
    {
        var plus = address.LocalPart.IndexOf(Detail);
        if (plus <= 0)
        {
            baseAddress = address;
            detail = "";
            return false;
        }
        baseAddress = EmailAddress.Of(address.LocalPart[..plus], address.Domain);
        detail = address.LocalPart[(plus + 1)..];
        return true;
    }
}
