using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Unicode;

namespace Sternpost.Imap.Grammar;

/// <summary>
/// Reads the tokens of RFC 9051 §9 from one command. A method answers true and advances, or answers false and leaves in
/// <see cref="Problem"/> what the client did wrong, in words for a BAD reply. Nothing throws, whatever the octets.
/// </summary>
internal ref struct ImapScanner(CommandText command)
{
    private readonly ReadOnlySpan<byte> text = command.Text.Span;
    private readonly IReadOnlyList<ReadOnlyMemory<byte>> literals = command.Literals;
    private int at;
    private int literal;

    /// <summary>What was wrong first; null while all is well.</summary>
    internal string? Problem { get; private set; }

    /// <summary>True where mailbox names are UTF-8 on the wire, not modified UTF-7 (RFC 6855 §3, RFC 9051 §5.1).</summary>
    internal bool Utf8Names { get; init; }

    internal readonly bool AtEnd => at == text.Length;

    private readonly ReadOnlySpan<byte> Rest => text[at..];

    /// <summary>Notes what is wrong, unless something was before; answers false for <c>return scanner.Fail(…)</c>.</summary>
    internal bool Fail(string problem)
    {
        Problem ??= problem;
        return false;
    }

    /// <summary>The end of the command. Spaces before it are forgiven, for some clients leave one.</summary>
    internal bool End() => Rest.IndexOfAnyExcept((byte)' ') < 0 || Fail("Unexpected text after the command's arguments");

    /// <summary>True where <paramref name="octet"/> is next.</summary>
    internal readonly bool Sees(char octet) => at < text.Length && text[at] == octet;

    /// <summary>True where <paramref name="octet"/> follows <paramref name="ahead"/> octets further on.</summary>
    internal readonly bool SeesAfter(int ahead, char octet) => at + ahead < text.Length && text[at + ahead] == octet;

    /// <summary>True where a digit is next.</summary>
    internal readonly bool SeesDigit() => at < text.Length && char.IsAsciiDigit((char)text[at]);

    /// <summary>Takes the octet if it is next; not finding it is no problem.</summary>
    internal bool Take(char octet)
    {
        if (!Sees(octet)) return false;
        at++;
        return true;
    }

    /// <summary>Takes the octet, which must be next.</summary>
    internal bool Expect(char octet) => Take(octet) || Fail(octet == ' ' ? "A space is missing" : $"'{octet}' is missing");

    /// <summary>SP.</summary>
    internal bool Space() => Expect(' ');

    /// <summary>tag = 1*&lt;any ASTRING-CHAR except "+"&gt; (§9).</summary>
    internal bool Tag(out string tag) => Run(ImapOctets.Tag, 64, "A command begins with a tag", out tag);

    /// <summary>atom = 1*ATOM-CHAR (§9).</summary>
    internal bool Atom(out string atom) => Run(ImapOctets.Atom, 1024, "An atom is missing", out atom);

    /// <summary>The name of a command, a FETCH item or a search key, in upper case.</summary>
    internal bool Name(out string name)
    {
        if (!Run(ImapOctets.Name, 64, "A name is missing", out name)) return false;
        name = name.ToUpperInvariant();
        return true;
    }

    /// <summary>Takes the name if it is next, in any case and whole.</summary>
    internal bool TakeName(string name)
    {
        var length = Length(ImapOctets.Name);
        if (length != name.Length || !Ascii.EqualsIgnoreCase(text.Slice(at, length), name)) return false;
        at += length;
        return true;
    }

    /// <summary>number64 = 1*DIGIT, below 2^63 (§9).</summary>
    internal bool Number(out long number)
    {
        var length = Length(ImapOctets.Digit);
        if (!Utf8Parser.TryParse(text.Slice(at, length), out number, out var used) || used != length) return Fail("A number is missing or too large");
        at += length;
        return true;
    }

    /// <summary>nz-number: 1 to 4,294,967,295 (§9).</summary>
    internal bool NzNumber(out uint number)
    {
        number = 0;
        if (!Number(out var wide)) return false;
        if (wide is 0 or > uint.MaxValue) return Fail("A number must be from 1 to 4294967295");
        number = (uint)wide;
        return true;
    }

    /// <summary>astring = 1*ASTRING-CHAR / string (§9).</summary>
    internal bool AString(out string value) =>
        Sees('"') || Sees('{') ? String(out value) : Run(ImapOctets.AString, int.MaxValue, "A string is missing", out value);

    /// <summary>list-mailbox = 1*list-char / string (§9).</summary>
    internal bool ListMailbox(out string pattern) =>
        Sees('"') || Sees('{') ? String(out pattern) : Run(ImapOctets.List, int.MaxValue, "A mailbox pattern is missing", out pattern);

    /// <summary>nstring = string / "NIL" (§9).</summary>
    internal bool NString(out string? value)
    {
        value = null;
        if (TakeName("NIL")) return true;
        if (!String(out var text)) return false;
        value = text;
        return true;
    }

    /// <summary>string = quoted / literal (§9), which must be UTF-8: no other charset is offered, and ASCII is UTF-8.</summary>
    internal bool String(out string value)
    {
        value = "";
        if (Sees('"')) return Quoted(out value);
        if (!Sees('{')) return Fail("A string is missing");
        return Literal(out var octets, out _) && Text(octets.Span, out value);
    }

    /// <summary>literal = "{" number64 ["+"] "}" CRLF *CHAR8; literal8 = "~" before it (§9). The octets are not copied.</summary>
    internal bool Literal(out ReadOnlyMemory<byte> octets, out bool binary)
    {
        octets = default;
        binary = Take('~');
        if (!Expect('{') || !Number(out var length)) return false;
        Take('+');
        if (!Expect('}') || !Expect('\r') || !Expect('\n')) return false;
        if (literal == literals.Count || literals[literal].Length != length) return Fail("A literal is missing");
        octets = literals[literal++];
        return true;
    }

    // quoted = DQUOTE *QUOTED-CHAR DQUOTE; only the quote and the backslash may be, and must be, escaped (§9).
    private bool Quoted(out string value)
    {
        value = "";
        var rest = text[(at + 1)..];
        var end = rest.IndexOfAny((byte)'"', (byte)'\\');
        if (end < 0) return Fail("A quoted string has no end");
        if (rest[end] == '"')
        {
            at += end + 2;
            return QuotedText(rest[..end], out value);
        }
        var plain = new ArrayBufferWriter<byte>(rest.Length);
        while (true)
        {
            if (end < 0 || end == rest.Length - 1 && rest[end] == '\\') return Fail("A quoted string has no end");
            plain.Write(rest[..end]);
            if (rest[end] == '"') break;
            if (rest[end + 1] is not ((byte)'"' or (byte)'\\')) return Fail("Only \\\" and \\\\ may be escaped in a quoted string");
            plain.Write(rest.Slice(end + 1, 1));
            rest = rest[(end + 2)..];
            end = rest.IndexOfAny((byte)'"', (byte)'\\');
        }
        at = text.Length - rest.Length + end + 1;
        return QuotedText(plain.WrittenSpan, out value);
    }

    // TEXT-CHAR excludes CR and LF (§9); they stand in a command's text only after the header of a literal.
    private bool QuotedText(ReadOnlySpan<byte> octets, out string value)
    {
        value = "";
        return octets.IndexOfAny((byte)'\r', (byte)'\n') < 0 ? Text(octets, out value) : Fail("A quoted string must not contain a line end");
    }

    private bool Text(ReadOnlySpan<byte> octets, out string value)
    {
        value = "";
        if (octets.Contains((byte)0)) return Fail("A string must not contain NUL");
        if (!Utf8.IsValid(octets)) return Fail("A string is not valid UTF-8");
        value = Encoding.UTF8.GetString(octets);
        return true;
    }

    private readonly int Length(SearchValues<byte> octets)
    {
        var end = Rest.IndexOfAnyExcept(octets);
        return end < 0 ? Rest.Length : end;
    }

    private bool Run(SearchValues<byte> octets, int most, string missing, out string value)
    {
        value = "";
        var length = Length(octets);
        if (length == 0) return Fail(missing);
        if (length > most) return Fail("An argument is too long");
        value = Encoding.ASCII.GetString(text.Slice(at, length));
        at += length;
        return true;
    }
}
