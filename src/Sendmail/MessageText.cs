using System.Buffers;
using System.Text;

namespace Sternpost.Sendmail;

/// <summary>A message as a program writes it to <c>sendmail</c>, turned into one that SMTP carries: CRLF lines, one header section, no Bcc.</summary>
internal sealed class MessageText
{
    private static readonly Encoding Octets = Encoding.Latin1;

    private readonly List<(string Name, string Text)> fields;
    private readonly byte[] body;

    private MessageText(List<(string, string)> fields, byte[] body)
    {
        this.fields = fields;
        this.body = body;
    }

    /// <summary>Reads to the end, or to a line of one dot where dots end the message.</summary>
    /// <exception cref="SendmailException">It is too large, or holds what no message may.</exception>
    internal static MessageText Read(Stream input, bool dotsAreText, long most)
    {
        var raw = new ArrayBufferWriter<byte>(64 * 1024);
        while (true)
        {
            var count = input.Read(raw.GetSpan(32 * 1024));
            if (count == 0) break;
            raw.Advance(count);
            if (raw.WrittenCount > most) throw new SendmailException(ExitCode.DataError, $"sendmail: the message is larger than {most} octets; nothing was sent.");
            if (!dotsAreText && EndsAtDot(raw.WrittenSpan)) break;
        }
        return Of(raw.WrittenSpan, dotsAreText);
    }

    /// <summary>The same from octets at hand.</summary>
    internal static MessageText Of(ReadOnlySpan<byte> raw, bool dotsAreText)
    {
        // RFC 5321 §4.5.2 counts on text; what a C program ends a string with would cut the message short for some readers.
        if (raw.Contains((byte)0)) throw new SendmailException(ExitCode.DataError, "sendmail: the message holds a NUL octet; send it encoded.");
        var lines = new ArrayBufferWriter<byte>(raw.Length + (raw.Length / 32) + 64);
        Normalise(raw, dotsAreText, lines);
        return Split(lines.WrittenSpan);
    }

    /// <summary>The recipients that the header names: To, Cc and Bcc, or the Resent- fields where there are any (RFC 5322 §3.6.6).</summary>
    internal List<string> HeaderRecipients()
    {
        var resent = fields.Exists(field => Is(field, "Resent-To") || Is(field, "Resent-Cc") || Is(field, "Resent-Bcc"));
        var names = resent ? new[] { "Resent-To", "Resent-Cc", "Resent-Bcc" } : ["To", "Cc", "Bcc"];
        return [.. fields.Where(field => names.Any(name => Is(field, name))).SelectMany(field => AddressText.Read(Value(field)))];
    }

    /// <summary>The address of the first From field; null where there is none.</summary>
    internal string? From => Field("From") is { } value ? AddressText.Read(value).FirstOrDefault() : null;

    /// <summary>The value of the first such field, or null.</summary>
    internal string? Field(string name) => fields.Find(field => Is(field, name)) is { Text: not null } found ? Value(found).Trim() : null;

    internal void RemoveBlindCopies() => fields.RemoveAll(field => Is(field, "Bcc") || Is(field, "Resent-Bcc"));

    /// <summary>Puts a From field where there is none, and gives one without a domain the sender's.</summary>
    /// <param name="sender">The address to name.</param>
    /// <param name="name">The person's or program's name; may be empty.</param>
    internal void CompleteFrom(string sender, string name)
    {
        var at = fields.FindIndex(field => Is(field, "From"));
        if (at < 0)
        {
            fields.Add(("From", $"From: {Named(name, sender)}\r\n"));
            return;
        }
        var written = AddressText.Read(Value(fields[at]));
        // Two From fields, or several authors, are for the server to judge.
        if (written is not [var one] || one.Contains('@', StringComparison.Ordinal)) return;
        fields[at] = ("From", $"From: {Named(name.Length > 0 ? name : NameIn(Value(fields[at])), one + sender[sender.LastIndexOf('@')..])}\r\n");
    }

    /// <summary>The whole message, CRLF lines.</summary>
    internal byte[] ToBytes()
    {
        var whole = new ArrayBufferWriter<byte>(body.Length + 4096);
        foreach (var (_, text) in fields) Octets.GetBytes(text, whole);
        whole.Write("\r\n"u8);
        whole.Write(body);
        return whole.WrittenSpan.ToArray();
    }

    private static bool Is((string Name, string Text) field, string name) => field.Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    // Header text is octets here; an address or a name in UTF-8 becomes characters when it is asked for.
    private static string Value((string Name, string Text) field) =>
        Encoding.UTF8.GetString(Octets.GetBytes(field.Text[(field.Text.IndexOf(':', StringComparison.Ordinal) + 1)..]));

    private static string NameIn(string value)
    {
        // "root (Cron Daemon)" and "Cron Daemon <root>".
        var open = value.IndexOf('(', StringComparison.Ordinal);
        var close = value.LastIndexOf(')');
        if (open >= 0 && close > open) return value[(open + 1)..close].Trim();
        var angle = value.IndexOf('<', StringComparison.Ordinal);
        return angle > 0 ? value[..angle].Trim().Trim('"') : "";
    }

    private static string Named(string name, string address)
    {
        var plain = new StringBuilder();
        foreach (var c in name.Take(200))
        {
            if (c is '"' or '\\') plain.Append('\\').Append(c);
            else if (!char.IsControl(c)) plain.Append(c);
        }
        if (plain.Length == 0) return address;
        if (Ascii.IsValid(plain.ToString())) return $"\"{plain}\" <{address}>";
        // RFC 2047 §4.1; a name that long is folded by nobody's need.
        return $"=?UTF-8?B?{Convert.ToBase64String(Encoding.UTF8.GetBytes(plain.ToString().Length > 40 ? plain.ToString()[..40] : plain.ToString()))}?= <{address}>";
    }

    // RFC 5321 §4.1.1.4 has the dot end a message of SMTP; sendmail took that over for what is typed.
    private static bool EndsAtDot(ReadOnlySpan<byte> raw) =>
        raw.EndsWith("\n.\n"u8) || raw.EndsWith("\n.\r\n"u8) || raw.SequenceEqual(".\n"u8) || raw.SequenceEqual(".\r\n"u8);

    // Lines may end in LF, CRLF or a lone CR; all become CRLF, so that no server sees a line ending that the next would read otherwise.
    private static void Normalise(ReadOnlySpan<byte> raw, bool dotsAreText, ArrayBufferWriter<byte> lines)
    {
        // mbox's "From " line is no field; mail programs hand it over all the same.
        if (raw.StartsWith("From "u8) && raw.IndexOf((byte)'\n') is >= 0 and var first) raw = raw[(first + 1)..];
        while (!raw.IsEmpty)
        {
            var end = raw.IndexOfAny((byte)'\r', (byte)'\n');
            var line = end < 0 ? raw : raw[..end];
            if (!dotsAreText && line.SequenceEqual("."u8)) return;
            lines.Write(line);
            lines.Write("\r\n"u8);
            if (end < 0) return;
            // PHP programs write CR CR LF where they count on sendmail to add a CR of its own; it is one line's end.
            var next = end;
            while (next < raw.Length && raw[next] == '\r') next++;
            if (next < raw.Length && raw[next] == '\n') next++;
            else next = end + 1;
            raw = raw[next..];
        }
    }

    private static MessageText Split(ReadOnlySpan<byte> lines)
    {
        var fields = new List<(string, string)>();
        var rest = lines;
        while (!rest.IsEmpty && !rest.StartsWith("\r\n"u8))
        {
            var length = 0;
            do length += rest[length..].IndexOf((byte)'\n') + 1;
            while (length < rest.Length && rest[length] is (byte)' ' or (byte)'\t');
            var field = rest[..length];
            var colon = field.IndexOf((byte)':');
            var name = colon < 0 ? [] : field[..colon].TrimEnd(" \t"u8);
            // What is no field begins the text: sendmail has always taken it so, and mail(1) counts on it.
            if (name.IsEmpty || name.IndexOfAnyExceptInRange((byte)'!', (byte)'~') >= 0) return new MessageText(fields, rest.ToArray());
            fields.Add((Octets.GetString(name), Octets.GetString(field)));
            rest = rest[length..];
        }
        return new MessageText(fields, rest.IsEmpty ? [] : rest[2..].ToArray());
    }
}
