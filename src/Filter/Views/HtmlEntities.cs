namespace Sternpost.Filter.Views;

/// <summary>Character references in HTML text: numeric ones and the named ones that mail uses.</summary>
internal static class HtmlEntities
{
    private const int LongestName = 8;

    private static readonly Dictionary<string, int> Named = new(StringComparer.Ordinal)
    {
        ["amp"] = '&',
        ["lt"] = '<',
        ["gt"] = '>',
        ["quot"] = '"',
        ["apos"] = '\'',
        ["nbsp"] = ' ',
        ["copy"] = 0xA9,
        ["reg"] = 0xAE,
        ["trade"] = 0x2122,
        ["euro"] = 0x20AC,
        ["pound"] = 0xA3,
        ["yen"] = 0xA5,
        ["cent"] = 0xA2,
        ["sect"] = 0xA7,
        ["deg"] = 0xB0,
        ["laquo"] = 0xAB,
        ["raquo"] = 0xBB,
        ["lsquo"] = '\'',
        ["rsquo"] = '\'',
        ["ldquo"] = '"',
        ["rdquo"] = '"',
        ["sbquo"] = '\'',
        ["bdquo"] = '"',
        ["ndash"] = '-',
        ["mdash"] = '-',
        ["hellip"] = 0x2026,
        ["bull"] = 0x2022,
        ["middot"] = 0xB7,
        ["shy"] = 0xAD,
        ["zwnj"] = 0x200C,
        ["zwj"] = 0x200D,
        ["ensp"] = ' ',
        ["emsp"] = ' ',
        ["thinsp"] = ' ',
        ["agrave"] = 0xE0,
        ["aacute"] = 0xE1,
        ["acirc"] = 0xE2,
        ["atilde"] = 0xE3,
        ["auml"] = 0xE4,
        ["aring"] = 0xE5,
        ["aelig"] = 0xE6,
        ["ccedil"] = 0xE7,
        ["egrave"] = 0xE8,
        ["eacute"] = 0xE9,
        ["ecirc"] = 0xEA,
        ["euml"] = 0xEB,
        ["iacute"] = 0xED,
        ["icirc"] = 0xEE,
        ["iuml"] = 0xEF,
        ["ntilde"] = 0xF1,
        ["ograve"] = 0xF2,
        ["oacute"] = 0xF3,
        ["ocirc"] = 0xF4,
        ["otilde"] = 0xF5,
        ["ouml"] = 0xF6,
        ["oslash"] = 0xF8,
        ["ugrave"] = 0xF9,
        ["uacute"] = 0xFA,
        ["ucirc"] = 0xFB,
        ["uuml"] = 0xFC,
        ["szlig"] = 0xDF,
        ["Auml"] = 0xC4,
        ["Ouml"] = 0xD6,
        ["Uuml"] = 0xDC,
        ["Eacute"] = 0xC9,
        ["Agrave"] = 0xC0,
        ["Ccedil"] = 0xC7,
    };

    private static readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> ByName = Named.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The length of the reference at the start of <paramref name="text"/> ("&amp;" included), or 0 where it is none.</summary>
    internal static int Read(ReadOnlySpan<char> text, out int scalar)
    {
        scalar = 0;
        if (text.Length < 3) return 0;
        return text[1] == '#' ? ReadNumber(text, out scalar) : ReadName(text, out scalar);
    }

    private static int ReadName(ReadOnlySpan<char> text, out int scalar)
    {
        var end = 1;
        while (end < text.Length && end <= LongestName && char.IsAsciiLetterOrDigit(text[end])) end++;
        if (!ByName.TryGetValue(text[1..end], out scalar)) return 0;
        return end < text.Length && text[end] == ';' ? end + 1 : end;
    }

    private static int ReadNumber(ReadOnlySpan<char> text, out int scalar)
    {
        scalar = 0;
        var hexadecimal = text[2] is 'x' or 'X';
        var start = hexadecimal ? 3 : 2;
        var end = start;
        for (; end < text.Length && end < start + 8; end++)
        {
            var digit = hexadecimal && char.IsAsciiHexDigit(text[end]) ? (char.IsAsciiDigit(text[end]) ? text[end] - '0' : (text[end] | 0x20) - 'a' + 10) : char.IsAsciiDigit(text[end]) ? text[end] - '0' : -1;
            if (digit < 0) break;
            scalar = (scalar * (hexadecimal ? 16 : 10)) + digit;
        }
        if (end == start) return 0;
        if (!System.Text.Rune.IsValid(scalar)) scalar = 0xFFFD;
        return end < text.Length && text[end] == ';' ? end + 1 : end;
    }
}
