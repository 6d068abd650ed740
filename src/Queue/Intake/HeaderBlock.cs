using System.Text;
using MimeKit;
using MimeKit.Utils;
using Sternpost.Messages.Addresses;

namespace Sternpost.Queue.Intake;

/// <summary>The few things the queue reads from a message's header, without parsing the message.</summary>
internal static class HeaderBlock
{
    // RFC 5321 §6.3 wants at least 100 hops allowed before a loop is assumed.
    private const int MaxHops = 100;
    private const int MaxFieldLength = 64 * 1024;

    /// <summary>The octets up to and including the blank line; all of them where there is none.</summary>
    internal static ReadOnlySpan<byte> Of(ReadOnlySpan<byte> message)
    {
        if (message.StartsWith("\r\n"u8)) return message[..2];
        var end = message.IndexOf("\r\n\r\n"u8);
        return end < 0 ? message : message[..(end + 4)];
    }

    /// <summary>
    /// RFC 5321 §6.3: a message with this many Received lines, more than one of them ours, is going round in circles. Without our
    /// own lines it cannot have been here before, however many it has: digests and archives are passed on with all they hold.
    /// </summary>
    internal static bool HasLooped(ReadOnlySpan<byte> message, string ownName)
    {
        var header = Of(message);
        var name = Encoding.ASCII.GetBytes(ownName);
        int hops = 0, own = 0;
        for (int at = 0, next; at >= 0 && at < header.Length; at = next)
        {
            next = NextLine(header, at);
            if (!Names(header[at..], "received:"u8)) continue;
            hops++;
            while (next >= 0 && next < header.Length && header[next] is (byte)' ' or (byte)'\t') next = NextLine(header, next);
            var field = header[at..(next < 0 ? header.Length : next)];
            if (NamesReceiver(field, name)) own++;
            if (hops > MaxHops && own > 1) return true;
        }
        return false;
    }

    // "by NAME" of RFC 5321 §4.4, wherever the field was folded.
    private static bool NamesReceiver(ReadOnlySpan<byte> field, ReadOnlySpan<byte> name)
    {
        for (var found = field.IndexOf(name); found >= 0;)
        {
            var before = field[..found].TrimEnd(" \t\r\n"u8);
            if (before.Length < found && before.EndsWith("by"u8)) return true;
            var rest = field[(found + name.Length)..].IndexOf(name);
            found = rest < 0 ? -1 : found + name.Length + rest;
        }
        return false;
    }

    /// <summary>The first address of From, or null.</summary>
    internal static EmailAddress? From(ReadOnlySpan<byte> message)
    {
        var value = Field(message, "from:"u8);
        if (value is null || !InternetAddressList.TryParse(value, out var list)) return null;
        return list.Mailboxes.FirstOrDefault() is { } mailbox && EmailAddress.TryParse(mailbox.Address, out var address) ? address : null;
    }

    /// <summary>The subject decoded to one line of text without control characters, or null.</summary>
    internal static string? Subject(ReadOnlySpan<byte> message)
    {
        if (Field(message, "subject:"u8) is not { } value) return null;
        var decoded = Rfc2047.DecodeText(value);
        var text = new StringBuilder(decoded.Length);
        foreach (var c in decoded)
        {
            if (text.Length == 200) break;
            if (c is '\t' || !char.IsControl(c)) text.Append(c);
        }
        return text.ToString().Trim();
    }

    /// <summary>RFC 8689 §3: the sender would rather have the message go in clear than not at all.</summary>
    internal static bool SaysTlsNotRequired(ReadOnlySpan<byte> message) =>
        Field(message, "tls-required:"u8) is { } value && Ascii.EqualsIgnoreCase(value.AsSpan().Trim(" \t\r\n"u8), "no"u8);

    /// <summary>What program says it made the message; empty where none does.</summary>
    internal static string Program(ReadOnlySpan<byte> message) => Encoding.Latin1.GetString(Field(message, "user-agent:"u8) ?? Field(message, "x-mailer:"u8) ?? []).Trim();

    /// <summary>The Message-ID without its brackets; empty where there is none.</summary>
    internal static string MessageId(ReadOnlySpan<byte> message) => Encoding.Latin1.GetString(Field(message, "message-id:"u8) ?? []).Trim().Trim('<', '>');

    /// <summary>How a Received line of ours, anywhere in the octets, names its session; null where there is none. Whoever hides the rest of a message sends that along.</summary>
    internal static string? SessionOf(ReadOnlySpan<byte> octets, string ownName)
    {
        var by = Encoding.ASCII.GetBytes("by " + ownName + " ");
        for (var at = octets.IndexOf(by); at >= 0;)
        {
            var rest = octets[(at + by.Length)..];
            var line = rest[..Math.Min(rest.Length, 300)];
            var id = line.IndexOf(" id "u8);
            if (id >= 0)
            {
                var word = line[(id + 4)..];
                var end = word.IndexOfAny(" ;\r\n\t"u8);
                if (end > 0) return Encoding.ASCII.GetString(word[..end]);
            }
            var next = rest.IndexOf(by);
            at = next < 0 ? -1 : at + by.Length + next;
        }
        return null;
    }

    /// <summary>RFC 3834 §5: the message was made by no person, but by a program that answers or tells.</summary>
    internal static bool IsAutomatic(ReadOnlySpan<byte> message) =>
        Field(message, "auto-submitted:"u8) is { } value && value.AsSpan().Trim(" \t\r\n"u8) is { IsEmpty: false } word && !Ascii.EqualsIgnoreCase(word[..Math.Min(2, word.Length)], "no"u8);

    // The raw value of the first such field, folds included.
    private static byte[]? Field(ReadOnlySpan<byte> message, ReadOnlySpan<byte> name)
    {
        var header = Of(message);
        for (var at = 0; at >= 0 && at < header.Length; at = NextLine(header, at))
        {
            if (!Names(header[at..], name)) continue;
            var start = at + name.Length;
            var end = at;
            do end = NextLine(header, end);
            while (end > 0 && end < header.Length && header[end] is (byte)' ' or (byte)'\t');
            var value = header[start..(end < 0 ? header.Length : end)];
            return value.Length > MaxFieldLength ? null : value.ToArray();
        }
        return null;
    }

    private static bool Names(ReadOnlySpan<byte> line, ReadOnlySpan<byte> lowerCaseName) =>
        line.Length >= lowerCaseName.Length && Ascii.EqualsIgnoreCase(line[..lowerCaseName.Length], lowerCaseName);

    private static int NextLine(ReadOnlySpan<byte> header, int at)
    {
        var end = header[at..].IndexOf((byte)'\n');
        return end < 0 ? -1 : at + end + 1;
    }
}
