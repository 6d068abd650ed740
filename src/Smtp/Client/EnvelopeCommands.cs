using System.Globalization;
using System.Text;
using Sternpost.Messages.Envelopes;

namespace Sternpost.Smtp.Client;

/// <summary>MAIL and RCPT with the parameters the server offered.</summary>
internal static class EnvelopeCommands
{
    internal static string Mail(OutgoingMessage message, ServerExtensions offered, bool smtpUtf8)
    {
        var line = new StringBuilder("MAIL FROM:<").Append(message.ReversePath?.ToString()).Append('>');
        // RFC 1870 §6.
        if (offered.Size) line.Append(CultureInfo.InvariantCulture, $" SIZE={message.Content.Length}");
        // RFC 6152 §3, RFC 3030 §3.
        if (message.Body == BodyKind.BinaryMime && offered.BinaryMime) line.Append(" BODY=BINARYMIME");
        else if (message.IsEightBit && offered.EightBitMime) line.Append(" BODY=8BITMIME");
        if (smtpUtf8) line.Append(" SMTPUTF8");
        // RFC 8689 §2.
        if (message.RequireTls && offered.RequireTls) line.Append(" REQUIRETLS");
        if (offered.Dsn)
        {
            // RFC 3461 §5.2.1: passed on as they came.
            if (message.Return != DsnReturn.Default) line.Append(message.Return == DsnReturn.Full ? " RET=FULL" : " RET=HDRS");
            if (message.EnvelopeId is not null) line.Append(" ENVID=").Append(Xtext(message.EnvelopeId));
        }
        return line.Append("\r\n").ToString();
    }

    internal static string Recipient(EnvelopeRecipient recipient, ServerExtensions offered)
    {
        var line = new StringBuilder("RCPT TO:<").Append(recipient.Address).Append('>');
        if (offered.Dsn)
        {
            if (recipient.Notify != DsnNotify.Default) line.Append(" NOTIFY=").Append(Words(recipient.Notify));
            if (recipient.OriginalRecipient is { } original && original.IndexOf(';') is > 0 and var end && IsAtom(original.AsSpan(0, end)))
            {
                line.Append(" ORCPT=").Append(original.AsSpan(0, end + 1));
                line.Append(original.StartsWith("utf-8;", StringComparison.OrdinalIgnoreCase) ? Utf8Xtext(original[(end + 1)..]) : Xtext(original[(end + 1)..]));
            }
        }
        return line.Append("\r\n").ToString();
    }

    // Decoded text goes out encoded, and what is not encoded is looked at: nothing a sender wrote ever ends a line.
    private static bool IsAtom(ReadOnlySpan<char> type)
    {
        foreach (var c in type)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '-') return false;
        }
        return true;
    }

    private static string Words(DsnNotify notify)
    {
        // RFC 3461 §4.1: NEVER stands alone.
        if (notify.HasFlag(DsnNotify.Never)) return "NEVER";
        var words = new List<string>(3);
        if (notify.HasFlag(DsnNotify.Success)) words.Add("SUCCESS");
        if (notify.HasFlag(DsnNotify.Failure)) words.Add("FAILURE");
        if (notify.HasFlag(DsnNotify.Delay)) words.Add("DELAY");
        return string.Join(',', words);
    }

    // RFC 3461 §4: xtext, everything but printable ASCII without "+" and "=" as "+" and two hex digits.
    internal static string Xtext(string text)
    {
        var encoded = new StringBuilder(text.Length);
        foreach (var octet in Encoding.UTF8.GetBytes(text))
        {
            if (octet is > 0x20 and < 0x7F and not (byte)'+' and not (byte)'=') encoded.Append((char)octet);
            else encoded.Append(CultureInfo.InvariantCulture, $"+{octet:X2}");
        }
        return encoded.ToString();
    }

    // RFC 6533 §3: utf-8-addr-xtext, which any server can be told.
    internal static string Utf8Xtext(string text)
    {
        var encoded = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is > 0x20 and < 0x7F and not '+' and not '=' and not '\\') encoded.Append((char)rune.Value);
            else encoded.Append(CultureInfo.InvariantCulture, $"\\x{{{rune.Value:X2}}}");
        }
        return encoded.ToString();
    }
}
