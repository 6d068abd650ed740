using System.Text;
using System.Text.RegularExpressions;
using System.Text.Unicode;
using Sternpost.Filter.SpamAssassin.Patterns;

namespace Sternpost.Filter.SpamAssassin.Views;

/// <summary>
/// Octets of a declared charset as characters, decided as SpamAssassin decides it: valid UTF-8 is UTF-8 whatever was declared, and
/// what nothing fits is Windows-1252. The rules' hits depend on this order, so it is not the one of our own views.
/// </summary>
/// <param name="Text">The characters.</param>
/// <param name="Wide">True where these are Unicode characters; false where each character below 100 stands for itself as an octet.</param>
internal readonly partial record struct DecodedText(string Text, bool Wide)
{
    private static readonly Encoding StrictUtf8 = new UTF8Encoding(false, true);
    private static readonly DecoderFallback Strict = DecoderFallback.ExceptionFallback;

    /// <summary>Octets (as <see cref="ByteText"/>) of a text part.</summary>
    internal static DecodedText OfPart(string octets, string charset)
    {
        var bytes = ByteText.Octets(octets);
        var high = ByteText.HasHigh(octets);
        if (!high && (AsciiName().IsMatch(charset) || ExtendedAsciiName().IsMatch(charset))) return new(octets, false);
        if (high && Utf8.IsValid(bytes)) return new(Encoding.UTF8.GetString(bytes), true);
        if (!UsAsciiName().IsMatch(charset) && !(high && charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase)) && Decode(bytes, charset, strict: true) is { } text) return new(text, true);
        if (!high) return new(octets, false);
        return new(Windows1252(bytes), true);
    }

    /// <summary>Octets of an encoded word as the octets of their UTF-8.</summary>
    internal static string OfWord(string octets, string charset)
    {
        var high = ByteText.HasHigh(octets);
        if (!high && (AsciiName().IsMatch(charset) || ExtendedAsciiName().IsMatch(charset))) return octets;
        var bytes = ByteText.Octets(octets);
        // A word of UTF-16 that could be decoded is left as it is, which looks like an oversight; rules see it so.
        if (charset.StartsWith("utf-16", StringComparison.OrdinalIgnoreCase) && Decode(bytes, charset, strict: true) is not null) return octets;
        return Decode(bytes, charset, strict: false) is { } text ? ByteText.FromUnicode(text) : high ? ByteText.FromUnicode(Windows1252(bytes)) : octets;
    }

    /// <summary>Octets of a header field as the octets of UTF-8.</summary>
    internal static string OfHeader(string octets)
    {
        if (!ByteText.HasHigh(octets)) return octets;
        var bytes = ByteText.Octets(octets);
        return Utf8.IsValid(bytes) ? octets : ByteText.FromUnicode(Windows1252(bytes));
    }

    /// <summary>The octets that rules are matched on.</summary>
    internal string ToOctets() => Wide ? ByteText.FromUnicode(Text) : FromNarrow(Text);

    private static string FromNarrow(string text)
    {
        if (Ascii.IsValid(text)) return text;
        return string.Create(text.Length, text, static (octets, source) =>
        {
            for (var i = 0; i < source.Length; i++) octets[i] = source[i] is >= '\x80' and <= '\xFF' ? ByteText.Of((byte)source[i]) : source[i];
        });
    }

    private static string? Decode(byte[] bytes, string charset, bool strict)
    {
        var encoding = Find(charset, bytes, strict);
        if (encoding is null) return null;
        try
        {
            return encoding.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static Encoding? Find(string charset, byte[] bytes, bool strict)
    {
        var name = charset.ToLowerInvariant();
        if (name.Length > 40) return null;
        if (name is "utf-8" or "utf8") return strict ? StrictUtf8 : Encoding.UTF8;
        if (name is "us-ascii" or "ascii") return strict ? null : Encoding.ASCII;
        if (name.StartsWith("utf-16", StringComparison.Ordinal) || name.StartsWith("utf16", StringComparison.Ordinal)) return Utf16(bytes);
        var known = name switch
        {
            "iso-8859-1" or "iso8859-1" or "latin1" or "cp1252" => "windows-1252",
            "cp1250" or "cp1251" or "cp1253" or "cp1254" or "cp1255" or "cp1256" or "cp1257" or "cp1258" => "windows-" + name[2..],
            "gb18030" or "gb 18030" or "gb-18030" or "gbk" or "gb2312" or "x-gbk" or "cp936" => "gb18030",
            "ks_c_5601-1987" or "euc-kr" => "windows-949",
            "shift-jis" or "sjis" or "x-sjis" or "cp932" => "shift_jis",
            _ => name,
        };
        var replacement = strict ? Strict : DecoderFallback.ReplacementFallback;
        return CodePagesEncodingProvider.Instance.GetEncoding(known, EncoderFallback.ReplacementFallback, replacement);
    }

    // Which of two octets is the high one is guessed by their sums. With a byte order mark SpamAssassin guesses nothing, and so decodes nothing.
    private static UnicodeEncoding? Utf16(byte[] bytes)
    {
        if (bytes is [0xFE, 0xFF, ..] or [0xFF, 0xFE, ..]) return null;
        long even = 0, odd = 0;
        int little = 0, big = 0;
        for (var i = 0; i + 1 < bytes.Length; i += 2)
        {
            even += (bytes[i] >> 4) + (bytes[i] & 15);
            odd += (bytes[i + 1] >> 4) + (bytes[i + 1] & 15);
            if (bytes[i] == ' ' && bytes[i + 1] == 0) little++;
            if (bytes[i] == 0 && bytes[i + 1] == ' ') big++;
        }
        if (even > odd * 4) little++;
        if (odd * 4 > even) big++;
        return little == big ? null : new UnicodeEncoding(big > little, false, true);
    }

    private static string Windows1252(byte[] bytes) => CodePagesEncodingProvider.Instance.GetEncoding("windows-1252")!.GetString(bytes);

    [GeneratedRegex(@"^(?:(?:US-)?ASCII|ANSI[_ ]?X3\.4-(?:1986|1968)|ISO646-US)\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex AsciiName();

    [GeneratedRegex(@"^(?:US-)?ASCII\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex UsAsciiName();

    [GeneratedRegex(@"^(?:ISO[ -]?8859(?:-\d{1,2})?|Windows-\d{4}|UTF-?8|(?:KOI8|EUC)-[A-Z]{1,2}|Big5|GBK|GB[ -]?18030(?:-20\d\d)?)\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ExtendedAsciiName();
}
