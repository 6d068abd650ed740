using System.Text;

namespace Sternpost.Sieve.Language;

/// <summary>Cuts a script into tokens (RFC 5228 §8.1). Whatever the octets, it comes to an end: each call takes at least one of them.</summary>
internal sealed class Lexer(string script)
{
    private const int MaxIdentifier = 32;
    // RFC 5228 §2.4.2 asks for no limit; a string longer than a script is none.
    private const int MaxString = 1 << 20;

    private int at;
    private int line = 1;

    internal Token Next()
    {
        if (SkipSpace() is { } broken) return broken;
        if (at >= script.Length) return new Token(TokenKind.End, "", 0, line);
        var begun = line;
        var c = script[at];
        switch (c)
        {
            case ';': return Single(TokenKind.Semicolon);
            case ',': return Single(TokenKind.Comma);
            case '[': return Single(TokenKind.OpenBracket);
            case ']': return Single(TokenKind.CloseBracket);
            case '(': return Single(TokenKind.OpenParenthesis);
            case ')': return Single(TokenKind.CloseParenthesis);
            case '{': return Single(TokenKind.OpenBrace);
            case '}': return Single(TokenKind.CloseBrace);
            case '"': return Quoted();
            case ':':
                at++;
                if (at < script.Length && IsIdentifierStart(script[at])) return Named(TokenKind.Tag, begun);
                return new Token(TokenKind.Garbage, "a colon must be followed by the name of a tag", 0, begun);
            case >= '0' and <= '9': return Number();
        }
        if (IsIdentifierStart(c))
        {
            // RFC 5228 §8.1: "text:" begins a multi-line string, whatever its case.
            if (at + 5 <= script.Length && script.AsSpan(at, 5).Equals("text:", StringComparison.OrdinalIgnoreCase)) return MultiLine();
            return Named(TokenKind.Identifier, begun);
        }
        // Garbage in a row is one piece of it, and one complaint.
        while (at < script.Length && !IsIdentifierStart(script[at]) && script[at] is not (';' or ',' or '[' or ']' or '(' or ')' or '{' or '}' or '"' or ':' or '#' or '/' or ' ' or '\t' or '\r' or '\n') and (< '0' or > '9')) at++;
        if (c == '/') at++;
        return new Token(TokenKind.Garbage, $"'{Printable(c)}' has no place here", 0, begun);
    }

    private static bool IsIdentifierStart(char c) => char.IsAsciiLetter(c) || c == '_';

    private static string Printable(char c) => c is > ' ' and < '\x7f' ? c.ToString() : $"U+{(int)c:X4}";

    private Token Single(TokenKind kind)
    {
        at++;
        return new Token(kind, "", 0, line);
    }

    private Token Named(TokenKind kind, int begun)
    {
        var start = at;
        while (at < script.Length && (IsIdentifierStart(script[at]) || char.IsAsciiDigit(script[at]))) at++;
        return at - start > MaxIdentifier
            ? new Token(TokenKind.Garbage, $"a name may have at most {MaxIdentifier} characters", 0, begun)
            : new Token(kind, script[start..at], 0, begun);
    }

    private Token Number()
    {
        var value = 0UL;
        var tooLarge = false;
        while (at < script.Length && char.IsAsciiDigit(script[at]))
        {
            var digit = (ulong)(script[at++] - '0');
            tooLarge |= value > (ulong.MaxValue - digit) / 10;
            if (!tooLarge) value = (value * 10) + digit;
        }
        var shift = at < script.Length ? char.ToUpperInvariant(script[at]) switch { 'K' => 10, 'M' => 20, 'G' => 30, _ => 0 } : 0;
        if (shift > 0) at++;
        if (at < script.Length && (IsIdentifierStart(script[at]) || char.IsAsciiDigit(script[at])))
        {
            while (at < script.Length && (IsIdentifierStart(script[at]) || char.IsAsciiDigit(script[at]))) at++;
            return new Token(TokenKind.Garbage, "a number ends in a digit, K, M or G", 0, line);
        }
        tooLarge |= value > ulong.MaxValue >> shift;
        return tooLarge ? new Token(TokenKind.Garbage, "the number is too large", 0, line) : new Token(TokenKind.Number, "", value << shift, line);
    }

    private Token Quoted()
    {
        var (begun, text) = (line, new StringBuilder());
        for (at++; at < script.Length; at++)
        {
            var c = script[at];
            if (c == '"')
            {
                at++;
                return Text(text, begun);
            }
            // RFC 5228 §2.4.2: a backslash before any other character stands for nothing.
            if (c == '\\' && at + 1 < script.Length) c = script[++at];
            if (c == '\n') EndLine(text);
            else text.Append(c);
        }
        return new Token(TokenKind.Garbage, $"the string that begins in line {begun} has no end", 0, begun);
    }

    private Token MultiLine()
    {
        var (begun, text) = (line, new StringBuilder());
        at += 5;
        while (at < script.Length && script[at] is ' ' or '\t') at++;
        if (at < script.Length && script[at] == '#')
        {
            while (at < script.Length && script[at] != '\n') at++;
        }
        if (at < script.Length && script[at] == '\r') at++;
        if (at >= script.Length || script[at] != '\n') return new Token(TokenKind.Garbage, "after text: the line must end", 0, begun);
        at++;
        line++;
        while (at < script.Length)
        {
            var end = script.IndexOf('\n', at);
            if (end < 0) end = script.Length;
            var length = end - at;
            if (length > 0 && script[end - 1] == '\r') length--;
            var content = script.AsSpan(at, length);
            at = Math.Min(end + 1, script.Length);
            if (content is ".")
            {
                // The line's end may hold what follows, and is counted with it.
                if (end < script.Length) line++;
                return Text(text, begun);
            }
            text.Append(content.StartsWith("..") ? content[1..] : content).Append("\r\n");
            line++;
        }
        return new Token(TokenKind.Garbage, $"the text that begins in line {begun} has no line with a single dot", 0, begun);
    }

    private static Token Text(StringBuilder text, int begun) => text.Length > MaxString
        ? new Token(TokenKind.Garbage, "the string is too long", 0, begun)
        : new Token(TokenKind.Text, text.ToString(), 0, begun);

    // Lines of strings end in CRLF, as those of mail do, however the script was written.
    private void EndLine(StringBuilder text)
    {
        line++;
        if (text.Length == 0 || text[^1] != '\r') text.Append('\r');
        text.Append('\n');
    }

    private Token? SkipSpace()
    {
        while (at < script.Length)
        {
            switch (script[at])
            {
                case '\n':
                    line++;
                    at++;
                    continue;
                case ' ' or '\t' or '\r':
                    at++;
                    continue;
                case '#':
                    while (at < script.Length && script[at] != '\n') at++;
                    continue;
                case '/' when at + 1 < script.Length && script[at + 1] == '*':
                    var begun = line;
                    var end = script.IndexOf("*/", at + 2, StringComparison.Ordinal);
                    var stop = end < 0 ? script.Length : end + 2;
                    line += script.AsSpan(at, stop - at).Count('\n');
                    at = stop;
                    if (end < 0) return new Token(TokenKind.Garbage, $"the comment that begins in line {begun} has no end", 0, begun);
                    continue;
            }
            break;
        }
        return null;
    }
}
