using System.Buffers;
using System.Text;
using Sternpost.Messages.Addresses;
using Sternpost.Smtp.Server;

namespace Sternpost.Smtp.Grammar;

/// <summary>The paths of MAIL and RCPT (RFC 5321 §4.1.2).</summary>
internal static class SmtpPath
{
    // A-d-l of the longest command line holds fewer hosts than this.
    private const int MaxHosts = 100;

    private static readonly SearchValues<byte> RouteHost =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._"u8);

    /// <summary>Reverse-path = Path / "&lt;&gt;"; null for the null reverse-path.</summary>
    internal static Parsed<EmailAddress?> ReadReverse(ref ReadOnlySpan<byte> text)
    {
        if (text.StartsWith("<>"u8))
        {
            text = text[2..];
            return (EmailAddress?)null;
        }
        return ReadPath(ref text, out var address) switch
        {
            MailboxFault.None => address,
            MailboxFault.TooLong => Replies.SenderTooLong,
            MailboxFault.AddressLiteral => Replies.SenderLiteral,
            _ => Replies.SenderSyntax,
        };
    }

    /// <summary>Forward-path of RCPT: a Path or "&lt;Postmaster&gt;" without a domain (RFC 5321 §4.1.1.3), which answers null.</summary>
    internal static Parsed<EmailAddress?> ReadForward(ref ReadOnlySpan<byte> text)
    {
        const int length = 12;
        if (text.Length >= length && Ascii.EqualsIgnoreCase(text[..length], "<postmaster>"u8))
        {
            text = text[length..];
            return (EmailAddress?)null;
        }
        return ReadPath(ref text, out var address) switch
        {
            MailboxFault.None => address,
            MailboxFault.TooLong => Replies.RecipientTooLong,
            MailboxFault.AddressLiteral => Replies.RecipientLiteral,
            _ => Replies.RecipientSyntax,
        };
    }

    // Path = "<" [ A-d-l ":" ] Mailbox ">"
    private static MailboxFault ReadPath(ref ReadOnlySpan<byte> text, out EmailAddress? address)
    {
        address = null;
        if (text.IsEmpty || text[0] != '<') return MailboxFault.Malformed;
        text = text[1..];
        if (!text.IsEmpty && text[0] == '@' && !SkipRoute(ref text)) return MailboxFault.Malformed;
        var fault = Mailbox.Read(ref text, out address);
        if (fault is MailboxFault.Malformed or MailboxFault.TooLong) return fault;
        if (text.IsEmpty || text[0] != '>') return MailboxFault.Malformed;
        text = text[1..];
        return fault;
    }

    // A-d-l = At-domain *( "," At-domain ). RFC 5321 §4.1.1.3: source routes are accepted and ignored.
    private static bool SkipRoute(ref ReadOnlySpan<byte> text)
    {
        for (var hosts = 0; hosts < MaxHosts; hosts++)
        {
            if (text.IsEmpty || text[0] != '@') return false;
            var end = text.IndexOfAny((byte)',', (byte)':');
            if (end < 2 || text[1..end].IndexOfAnyExcept(RouteHost) >= 0) return false;
            var separator = text[end];
            text = text[(end + 1)..];
            if (separator == ':') return true;
        }
        return false;
    }
}
