using System.Diagnostics.CodeAnalysis;
using Sternpost.Dns;
using Sternpost.Messages.Text;

namespace Sternpost.Messages.Addresses;

/// <summary>
/// A mailbox address: local-part and domain (RFC 5321 §4.1.2 Mailbox, RFC 6531 for Unicode local-parts).
/// The local-part is kept unquoted; it is compared without case because every server this one talks to does so.
/// </summary>
public sealed record EmailAddress
{
    // RFC 5321 §4.5.3.1.1.
    private const int MaxLocalPartOctets = 64;

    private EmailAddress(string localPart, DomainName domain)
    {
        LocalPart = localPart;
        Domain = domain;
    }

    /// <summary>The part before the at sign, unquoted, in the case given.</summary>
    public string LocalPart { get; }

    /// <summary>The domain.</summary>
    public DomainName Domain { get; }

    /// <summary>True where the local-part holds characters outside ASCII, so that SMTPUTF8 is needed.</summary>
    public bool NeedsSmtpUtf8 => !System.Text.Ascii.IsValid(LocalPart);

    /// <summary>The key under which accounts and aliases are stored: lower case, normal form C (RFC 6532 §3.1), A-labels.</summary>
    public string Key => NormalFormC.Of(LocalPart.ToLowerInvariant()) + "@" + Domain.Ascii;

    /// <summary>Parses <c>local@domain</c> or <c>"quoted local"@domain</c>; address literals and comments are not addresses here.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out EmailAddress? address)
    {
        address = null;
        if (text is null || text.LastIndexOf('@') is not (> 0 and var at)) return false;
        if (!DomainName.TryParse(text[(at + 1)..], out var domain)) return false;
        if (!TryReadLocalPart(text.AsSpan(0, at), out var local)) return false;
        address = new EmailAddress(local, domain);
        return true;
    }

    /// <summary>Parses an address the program itself wrote; throws where it is malformed, because that is a bug.</summary>
    public static EmailAddress Parse(string text) =>
        TryParse(text, out var address) ? address : throw new FormatException($"'{text}' is not an email address.");

    /// <summary>The same mailbox name in another domain or with another local-part; both parts must already be valid.</summary>
    public static EmailAddress Of(string localPart, DomainName domain) => new(localPart, domain);

    /// <summary>Equality of <see cref="Key"/>.</summary>
    public bool Equals(EmailAddress? other) => other is not null && Key == other.Key;

    /// <inheritdoc/>
    public override int GetHashCode() => Key.GetHashCode(StringComparison.Ordinal);

    /// <summary>The address as it goes into SMTP and headers, quoted where it must be; the domain as A-labels unless the local-part is Unicode.</summary>
    public override string ToString() =>
        (IsDotString(LocalPart) ? LocalPart : "\"" + LocalPart.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"")
        + "@" + (NeedsSmtpUtf8 ? Domain.Unicode : Domain.Ascii);

    private static bool TryReadLocalPart(ReadOnlySpan<char> text, out string local)
    {
        local = "";
        if (text.IsEmpty || System.Text.Encoding.UTF8.GetByteCount(text) > MaxLocalPartOctets) return false;
        if (text[0] != '"')
        {
            local = text.ToString();
            return IsDotString(local);
        }
        if (text.Length < 3 || text[^1] != '"') return false;
        var unquoted = new System.Text.StringBuilder(text.Length);
        for (var i = 1; i < text.Length - 1; i++)
        {
            if (text[i] == '\\')
            {
                if (++i == text.Length - 1) return false;
            }
            // What is escaped was passed over with its backslash, so a quote here ends the text too early.
            else if (text[i] == '"') return false;
            if (text[i] < ' ' || text[i] == '\x7f') return false;
            unquoted.Append(text[i]);
        }
        local = unquoted.ToString();
        return local.Length > 0;
    }

    // RFC 5321 §4.1.2 Dot-string of RFC 5322 atext, RFC 6531 §3.3 adding UTF-8 beyond ASCII.
    private static bool IsDotString(string text)
    {
        if (text.Length == 0 || text[0] == '.' || text[^1] == '.' || text.Contains("..", StringComparison.Ordinal)) return false;
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && !"!#$%&'*+-/=?^_`{|}~.".Contains(c, StringComparison.Ordinal) && c < 0xA0) return false;
        }
        return true;
    }
}
