using System.Globalization;
using System.Reflection;
using System.Text;

namespace Sternpost.Filter.Views;

/// <summary>
/// Character references as readers resolve them (HTML standard §13.2.5.72 to .80): all named ones, with and without semicolon, and
/// numeric ones with their repairs. In full, because phishing spells its addresses with the rare ones.
/// </summary>
internal static class HtmlEntities
{
    private const int LongestName = 32;
    private const int LongestWithoutSemicolon = 6;

    // §13.2.5.80: what windows-1252 meant by 80 to 9F.
    private const string C1 = "\u20AC\u0081\u201A\u0192\u201E\u2026\u2020\u2021\u02C6\u2030\u0160\u2039\u0152\u008D\u017D\u008F\u0090\u2018\u2019\u201C\u201D\u2022\u2013\u2014\u02DC\u2122\u0161\u203A\u0153\u009D\u017E\u0178";

    private static readonly Dictionary<string, Reference> Named = Load();
    private static readonly Dictionary<string, Reference>.AlternateLookup<ReadOnlySpan<char>> ByName = Named.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>
    /// The length of the reference at the start of <paramref name="text"/> ("&amp;" included) and what it stands for, or 0 where it
    /// is none. In an attribute, a name without semicolon before a letter, digit or "=" is part of an address, not a reference.
    /// </summary>
    internal static int Read(ReadOnlySpan<char> text, bool inAttribute, out string value)
    {
        value = "";
        if (text.Length < 3) return 0;
        return text[1] == '#' ? ReadNumber(text, out value) : ReadName(text, inAttribute, out value);
    }

    /// <summary>The text with all references resolved, as in an attribute.</summary>
    internal static string DecodeAttribute(ReadOnlySpan<char> text)
    {
        var ampersand = text.IndexOf('&');
        if (ampersand < 0) return text.ToString();
        var decoded = new StringBuilder(text.Length);
        while (ampersand >= 0)
        {
            decoded.Append(text[..ampersand]);
            text = text[ampersand..];
            var length = Read(text, inAttribute: true, out var value);
            decoded.Append(length == 0 ? "&" : value);
            text = text[Math.Max(length, 1)..];
            ampersand = text.IndexOf('&');
        }
        return decoded.Append(text).ToString();
    }

    private static int ReadName(ReadOnlySpan<char> text, bool inAttribute, out string value)
    {
        value = "";
        var end = 1;
        while (end < text.Length && end <= LongestName && char.IsAsciiLetterOrDigit(text[end])) end++;
        if (end < text.Length && text[end] == ';' && ByName.TryGetValue(text[1..end], out var whole))
        {
            value = whole.Value;
            return end + 1;
        }
        for (var length = Math.Min(end - 1, LongestWithoutSemicolon); length >= 2; length--)
        {
            if (!ByName.TryGetValue(text.Slice(1, length), out var reference) || !reference.WithoutSemicolon) continue;
            var next = length + 1 < text.Length ? text[length + 1] : ' ';
            if (inAttribute && (next == '=' || char.IsAsciiLetterOrDigit(next))) return 0;
            value = reference.Value;
            return length + 1;
        }
        return 0;
    }

    private static int ReadNumber(ReadOnlySpan<char> text, out string value)
    {
        value = "";
        var hexadecimal = text[2] is 'x' or 'X';
        var start = hexadecimal ? 3 : 2;
        var end = start;
        var scalar = 0;
        while (end < text.Length && (hexadecimal ? char.IsAsciiHexDigit(text[end]) : char.IsAsciiDigit(text[end])))
        {
            // Beyond the last scalar all numbers are the same error.
            scalar = Math.Min((scalar * (hexadecimal ? 16 : 10)) + Digit(text[end]), 0x110000);
            end++;
        }
        if (end == start) return 0;
        value = Repair(scalar);
        return end < text.Length && text[end] == ';' ? end + 1 : end;
    }

    private static int Digit(char c) => char.IsAsciiDigit(c) ? c - '0' : (c | 0x20) - 'a' + 10;

    private static string Repair(int scalar)
    {
        if (scalar is >= 0x80 and <= 0x9F) return C1[scalar - 0x80].ToString();
        return scalar != 0 && Rune.IsValid(scalar) ? char.ConvertFromUtf32(scalar) : "\uFFFD";
    }

    private static Dictionary<string, Reference> Load()
    {
        var named = new Dictionary<string, Reference>(2200, StringComparer.Ordinal);
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream("html-entities.txt")!);
        while (reader.ReadLine() is { } line)
        {
            if (line[0] == '#') continue;
            var cells = line.Split(' ');
            var value = string.Concat(cells[1..].Select(cell => char.ConvertFromUtf32(int.Parse(cell, NumberStyles.HexNumber, CultureInfo.InvariantCulture))));
            named[cells[0].TrimEnd('*')] = new Reference(value, cells[0].EndsWith('*'));
        }
        return named;
    }

    private readonly record struct Reference(string Value, bool WithoutSemicolon);
}
