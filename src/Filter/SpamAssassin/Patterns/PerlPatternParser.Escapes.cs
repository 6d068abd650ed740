using System.Globalization;

namespace Sternpost.Filter.SpamAssassin.Patterns;

/// <summary>Escapes and bracketed classes.</summary>
internal sealed partial class PerlPatternParser
{
    private PatternNode? ParseEscape(Modifiers flags)
    {
        if (position >= text.Length) return Fail("the pattern ends with a backslash");
        var c = text[position];
        switch (c)
        {
            case 'b' when position + 1 < text.Length && text[position + 1] == '{': return Fail("\\b{} is not supported");
            case 'b' or 'B' or 'A' or 'Z' or 'z' or 'G': position++; return new AnchorNode("\\" + c);
            // What stands before \K only moves the beginning of the match, which nobody here looks at.
            case 'K': position++; return null;
            case 'N' when position + 1 >= text.Length || text[position + 1] != '{': position++; return new OctetNode(~ByteSet.NewLine);
            case 'R':
                position++;
                return new AlternationNode([new SequenceNode([new OctetNode(ByteSet.Of('\r')), new OctetNode(ByteSet.NewLine)]), new OctetNode(ByteSet.Vertical)]);
            case 'X' or 'C' or 'p' or 'P': return Fail($"\\{c} is not supported");
            case 'k': return ParseNamedReference(flags);
            case 'g': return ParseReference(flags);
            case >= '1' and <= '9':
                var end = position;
                while (end < text.Length && end < position + 3 && char.IsAsciiDigit(text[end])) end++;
                var number = int.Parse(text.AsSpan(position, end - position), NumberStyles.None, CultureInfo.InvariantCulture);
                if (number > 9 && number > groups) break;
                position = end;
                return Reference(number.ToString(CultureInfo.InvariantCulture), flags);
        }
        if (TryClassEscape(c, out var set))
        {
            position++;
            return new OctetNode(set);
        }
        return Set(ParseOctetEscape(false), flags);
    }

    // Whether there is such a group is known at the end.
    private BackreferenceNode Reference(string group, Modifiers flags)
    {
        references.Add(group);
        return new BackreferenceNode(group, flags.IgnoreCase);
    }

    private PatternNode ParseNamedReference(Modifiers flags)
    {
        position++;
        var closing = position < text.Length ? text[position] switch { '<' => '>', '\'' => '\'', '{' => '}', _ => '\0' } : '\0';
        var end = closing == '\0' ? -1 : text.IndexOf(closing, position + 1);
        if (end < 0) return Fail("a reference has no end");
        var name = text[(position + 1)..end];
        position = end + 1;
        return Reference(name, flags);
    }

    private PatternNode ParseReference(Modifiers flags)
    {
        position++;
        var braced = position < text.Length && text[position] == '{';
        var start = braced ? position + 1 : position;
        var end = start;
        while (end < text.Length && (braced ? text[end] != '}' : char.IsAsciiDigit(text[end]) || (end == start && text[end] == '-'))) end++;
        var name = text[start..end];
        position = braced ? Math.Min(end + 1, text.Length) : end;
        if (!int.TryParse(name, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)) return name.Length == 0 ? Fail("a reference has no end") : Reference(name, flags);
        return Reference((number < 0 ? groups + 1 + number : number).ToString(CultureInfo.InvariantCulture), flags);
    }

    private static bool TryClassEscape(char c, out ByteSet set)
    {
        set = c switch
        {
            'd' => ByteSet.Digit,
            'D' => ~ByteSet.Digit,
            'w' => ByteSet.Word,
            'W' => ~ByteSet.Word,
            's' => ByteSet.Space,
            'S' => ~ByteSet.Space,
            'h' => ByteSet.Horizontal,
            'H' => ~ByteSet.Horizontal,
            'v' => ByteSet.Vertical,
            'V' => ~ByteSet.Vertical,
            _ => ByteSet.None,
        };
        return set != ByteSet.None;
    }

    /// <summary>An escape that stands for one character; one above FF matches no octet.</summary>
    private ByteSet ParseOctetEscape(bool inClass)
    {
        var c = text[position++];
        switch (c)
        {
            case 'n': return ByteSet.NewLine;
            case 'r': return ByteSet.Of('\r');
            case 't': return ByteSet.Of('\t');
            case 'f': return ByteSet.Of('\f');
            case 'e': return ByteSet.Of(0x1B);
            case 'a': return ByteSet.Of(7);
            case 'b' when inClass: return ByteSet.Of(8);
            case 'c' when position < text.Length: return ByteSet.Of((char.ToUpperInvariant(text[position++]) ^ 0x40) & 0xFF);
            case 'x': return Coded(ReadHexadecimal());
            case 'o' when position < text.Length && text[position] == '{': return Coded(ReadBraced(8));
            case 'N':
                if (position + 2 < text.Length && text.AsSpan(position).StartsWith("{U+"))
                {
                    position += 2;
                    return Coded(ReadBraced(16));
                }
                Fail("\\N{} by name is not supported");
                return ByteSet.None;
            case >= '0' and <= '7':
                var value = c - '0';
                for (var i = 0; i < 2 && position < text.Length && text[position] is >= '0' and <= '7'; i++) value = (value * 8) + (text[position++] - '0');
                return Coded(value);
            default: return c > 0xFF ? ByteSet.None : ByteSet.Of(c);
        }
    }

    private static ByteSet Coded(int value) => value is >= 0 and < 256 ? ByteSet.Of(value) : ByteSet.None;

    private int ReadHexadecimal()
    {
        if (position < text.Length && text[position] == '{') return ReadBraced(16);
        var value = 0;
        for (var i = 0; i < 2 && position < text.Length && char.IsAsciiHexDigit(text[position]); i++) value = (value * 16) + Convert.ToInt32(text[position++].ToString(), 16);
        return value;
    }

    // Begins at the brace, or at the + of U+.
    private int ReadBraced(int radix)
    {
        var end = text.IndexOf('}', position);
        if (end < 0)
        {
            Fail("a brace has no end");
            return -1;
        }
        var digits = text.AsSpan(position + 1, end - position - 1).Trim();
        position = end + 1;
        var value = 0;
        foreach (var digit in digits)
        {
            if (!char.IsAsciiHexDigit(digit) || value > 0x10FFFF) return -1;
            value = (value * radix) + Convert.ToInt32(digit.ToString(), 16);
        }
        return value;
    }

    private OctetNode ParseClass(Modifiers flags)
    {
        var negated = position < text.Length && text[position] == '^';
        if (negated) position++;
        var set = ByteSet.None;
        var first = true;
        while (true)
        {
            if (AtEnd)
            {
                Fail("a class has no end");
                break;
            }
            if (text[position] == ']' && !first) break;
            first = false;
            set |= ParseClassItem();
        }
        position++;
        if (flags.IgnoreCase) set = set.BothCases();
        return new OctetNode(negated ? ~set : set);
    }

    private ByteSet ParseClassItem()
    {
        if (TryPosixClass(out var posix)) return posix;
        if (!TryClassOctet(out var low, out var set)) return set;
        if (position + 1 >= text.Length || text[position] != '-' || text[position + 1] == ']') return set;
        var before = position;
        position++;
        if (TryPosixClass(out posix) || !TryClassOctet(out var high, out posix))
        {
            // A class cannot end a range: all three stand for themselves.
            _ = before;
            return set | ByteSet.Of('-') | posix;
        }
        if (high < 0 || high > 255) high = 255;
        if (low < 0) return ByteSet.None;
        if (low > high)
        {
            Fail("a range ends before it begins");
            return set;
        }
        return ByteSet.Range(low, high);
    }

    // False where the item is a class by itself; low is -1 for a character above FF.
    private bool TryClassOctet(out int octet, out ByteSet set)
    {
        octet = -1;
        var c = text[position++];
        if (c != '\\')
        {
            set = c > 0xFF ? ByteSet.None : ByteSet.Of(c);
            octet = c > 0xFF ? -1 : c;
            return true;
        }
        if (position >= text.Length)
        {
            Fail("the pattern ends with a backslash");
            set = ByteSet.None;
            return false;
        }
        if (TryClassEscape(text[position], out set))
        {
            position++;
            return false;
        }
        if (text[position] is 'p' or 'P')
        {
            Fail("\\p is not supported");
            return false;
        }
        if (text[position] == 'R' || (text[position] == 'N' && (position + 1 >= text.Length || text[position + 1] != '{')))
        {
            Fail("\\R and \\N are not allowed in a class");
            return false;
        }
        set = ParseOctetEscape(true);
        octet = set == ByteSet.None ? -1 : set.Octets().First();
        return true;
    }

    private bool TryPosixClass(out ByteSet set)
    {
        set = ByteSet.None;
        if (position + 1 >= text.Length || text[position] != '[' || text[position + 1] != ':') return false;
        var end = text.IndexOf(":]", position + 2, StringComparison.Ordinal);
        if (end < 0) return false;
        var name = text.AsSpan(position + 2, end - position - 2);
        var negated = name.StartsWith("^");
        if (negated) name = name[1..];
        var letters = ByteSet.Range('A', 'Z') | ByteSet.Range('a', 'z');
        ByteSet? found = name switch
        {
            "alpha" => letters,
            "digit" => ByteSet.Digit,
            "alnum" => letters | ByteSet.Digit,
            "upper" => ByteSet.Range('A', 'Z'),
            "lower" => ByteSet.Range('a', 'z'),
            "space" => ByteSet.Space,
            "blank" => ByteSet.Of(' ') | ByteSet.Of('\t'),
            "punct" => ByteSet.Range('!', '~') & ~(letters | ByteSet.Digit),
            "print" => ByteSet.Range(' ', '~'),
            "graph" => ByteSet.Range('!', '~'),
            "cntrl" => ByteSet.Range(0, 31) | ByteSet.Of(127),
            "xdigit" => ByteSet.Digit | ByteSet.Range('A', 'F') | ByteSet.Range('a', 'f'),
            "word" => ByteSet.Word,
            "ascii" => ByteSet.Range(0, 127),
            _ => null,
        };
        if (found is null) return false;
        set = negated ? ~found.Value : found.Value;
        position = end + 2;
        return true;
    }
}
