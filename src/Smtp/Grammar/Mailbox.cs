using System.Buffers;
using System.Text;
using System.Text.Unicode;
using Sternpost.Dns;
using Sternpost.Messages.Addresses;
using Sternpost.Wire;

namespace Sternpost.Smtp.Grammar;

/// <summary>What is wrong with a mailbox.</summary>
internal enum MailboxFault
{
    None,
    /// <summary>Not of the form <c>local@domain</c>.</summary>
    Malformed,
    /// <summary>Longer than RFC 5321 §4.5.3.1 lets it be.</summary>
    TooLong,
    /// <summary>Well formed, but at an address literal, where this server has no mailboxes and to which it does not send.</summary>
    AddressLiteral,
}

/// <summary>Mailbox = Local-part "@" ( Domain / address-literal ) (RFC 5321 §4.1.2, with the UTF-8 of RFC 6531 §3.3).</summary>
internal static class Mailbox
{
    // RFC 5321 §4.5.3.1.1, §4.5.3.1.2; the whole, with the angle brackets of a path, is 256 (§4.5.3.1.3).
    private const int MaxLocalPart = 64;
    private const int MaxDomain = 255;
    private const int MaxMailbox = 254;

    // sub-domain = Let-dig [Ldh-str] with the underscore that real hosts carry; U-labels are octets beyond ASCII.
    private static readonly SearchValues<byte> DomainOctets =
        SearchValues.Create([.. "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._"u8, .. Enumerable.Range(0x80, 0x80).Select(octet => (byte)octet)]);

    private static readonly SearchValues<byte> AtomOctets =
        SearchValues.Create([.. Enumerable.Range(0, 256).Select(octet => (byte)octet).Where(octet => octet >= 0x80 || ByteClasses.Atext.Contains(octet))]);

    /// <summary>Reads a mailbox off the front of <paramref name="text"/>, which keeps what follows it.</summary>
    internal static MailboxFault Read(ref ReadOnlySpan<byte> text, out EmailAddress? address)
    {
        address = null;
        var rest = text;
        if (!TryReadLocalPart(ref rest, out var local) || rest.IsEmpty || rest[0] != '@') return MailboxFault.Malformed;
        var localOctets = text.Length - rest.Length;
        rest = rest[1..];
        if (!rest.IsEmpty && rest[0] == '[')
        {
            if (!AddressLiteral.TryRead(ref rest, out _)) return MailboxFault.Malformed;
            text = rest;
            return MailboxFault.AddressLiteral;
        }
        var end = rest.IndexOfAnyExcept(DomainOctets);
        var domainOctets = end < 0 ? rest : rest[..end];
        if (localOctets > MaxLocalPart || domainOctets.Length > MaxDomain || localOctets + 1 + domainOctets.Length > MaxMailbox) return MailboxFault.TooLong;
        // A trailing dot is DNS's way of writing, not SMTP's.
        if (domainOctets.IsEmpty || domainOctets[^1] == '.' || !Utf8.IsValid(domainOctets)) return MailboxFault.Malformed;
        if (!DomainName.TryParse(Encoding.UTF8.GetString(domainOctets), out var domain)) return MailboxFault.Malformed;
        address = EmailAddress.Of(local, domain);
        text = rest[domainOctets.Length..];
        return MailboxFault.None;
    }

    private static bool TryReadLocalPart(ref ReadOnlySpan<byte> text, out string local)
    {
        local = "";
        if (text.IsEmpty) return false;
        return text[0] == '"' ? TryReadQuotedString(ref text, out local) : TryReadDotString(ref text, out local);
    }

    // Dot-string = Atom *("."  Atom)
    private static bool TryReadDotString(ref ReadOnlySpan<byte> text, out string local)
    {
        local = "";
        var length = 0;
        while (true)
        {
            var atom = text[length..].IndexOfAnyExcept(AtomOctets);
            if (atom < 0) atom = text.Length - length;
            if (atom == 0) return false;
            length += atom;
            if (length >= text.Length || text[length] != '.') break;
            length++;
        }
        if (!TryDecode(text[..length], out local)) return false;
        text = text[length..];
        return true;
    }

    // Quoted-string = DQUOTE *QcontentSMTP DQUOTE; an empty one is refused: with it an address would look like "everything else at the domain".
    private static bool TryReadQuotedString(ref ReadOnlySpan<byte> text, out string local)
    {
        local = "";
        Span<byte> content = stackalloc byte[MaxLocalPart];
        var length = 0;
        for (var i = 1; i < text.Length; i++)
        {
            var octet = text[i];
            if (octet == '"')
            {
                if (length == 0 || !TryDecode(content[..length], out local)) return false;
                text = text[(i + 1)..];
                return true;
            }
            // quoted-pairSMTP = %d92 %d32-126
            if (octet == '\\')
            {
                if (++i == text.Length || text[i] is < (byte)' ' or > (byte)'~') return false;
                octet = text[i];
            }
            // qtextSMTP = %d32-33 / %d35-91 / %d93-126
            if (octet < ' ' || octet == 0x7F || length == MaxLocalPart) return false;
            content[length++] = octet;
        }
        return false;
    }

    // UTF8-non-ascii, less the controls of C1, which no name holds and terminals obey.
    private static bool TryDecode(ReadOnlySpan<byte> octets, out string text)
    {
        text = "";
        if (!Utf8.IsValid(octets)) return false;
        text = Encoding.UTF8.GetString(octets);
        return text.AsSpan().IndexOfAnyInRange('\x7f', '\x9f') < 0;
    }
}
