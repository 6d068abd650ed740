using System.Collections.Concurrent;
using System.Text;
using System.Text.Unicode;

namespace Sternpost.Filter.Views;

/// <summary>Bytes of a named, unnamed or misnamed charset as text. Never throws: what cannot be decoded is guessed.</summary>
internal static class Charsets
{
    private static readonly EncodingProvider CodePages = CodePagesEncodingProvider.Instance;
    private static readonly ConcurrentDictionary<string, Encoding> Known = new(StringComparer.OrdinalIgnoreCase);

    // WHATWG Encoding §4.2: the labels below mean their supersets in practice, and senders rely on it.
    private static readonly Dictionary<string, string> Supersets = new(StringComparer.OrdinalIgnoreCase)
    {
        ["iso-8859-1"] = "windows-1252",
        ["latin1"] = "windows-1252",
        ["gb2312"] = "gb18030",
        ["gbk"] = "gb18030",
        ["x-gbk"] = "gb18030",
        ["ks_c_5601-1987"] = "windows-949",
        ["euc-kr"] = "windows-949",
        ["iso-8859-9"] = "windows-1254",
        ["shift-jis"] = "shift_jis",
        ["cp1252"] = "windows-1252",
        ["cp1251"] = "windows-1251",
        ["cp-850"] = "ibm850",
    };

    internal static string Decode(ReadOnlySpan<byte> bytes, string? charset)
    {
        if (charset is null || charset.Equals("us-ascii", StringComparison.OrdinalIgnoreCase)
            || charset.StartsWith("utf-8", StringComparison.OrdinalIgnoreCase) || charset.Equals("utf8", StringComparison.OrdinalIgnoreCase))
        {
            return Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : Guess(bytes, charset);
        }
        return (Find(charset) ?? Encoding.UTF8).GetString(bytes);
    }

    private static Encoding? Find(string charset)
    {
        if (Known.TryGetValue(charset, out var known)) return known;
        var encoding = charset.ToLowerInvariant() switch
        {
            "utf-16" or "utf-16le" => Encoding.Unicode,
            "utf-16be" => Encoding.BigEndianUnicode,
            _ => CodePages.GetEncoding(Supersets.GetValueOrDefault(charset, charset)),
        };
        // Only names that exist are kept, so that a sender cannot grow the table.
        if (encoding is not null) Known.TryAdd(charset, encoding);
        return encoding;
    }

    private static string Guess(ReadOnlySpan<byte> bytes, string? charset)
    {
        // A text cut in the middle of a character, or one bad byte in honest UTF-8, is still UTF-8.
        if (charset is not null && !charset.Equals("us-ascii", StringComparison.OrdinalIgnoreCase)) return Encoding.UTF8.GetString(bytes);
        return (LooksLikeGb(bytes) ? Find("gb18030") : Find("windows-1252"))!.GetString(bytes);
    }

    // GB 2312 puts both octets of a common character above A0; Western text has lone high octets between ASCII letters.
    private static bool LooksLikeGb(ReadOnlySpan<byte> bytes)
    {
        int pairs = 0, lone = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] < 0x80) continue;
            if (bytes[i] is >= 0xA1 and <= 0xF7 && i + 1 < bytes.Length && bytes[i + 1] >= 0xA1)
            {
                pairs++;
                i++;
            }
            else lone++;
        }
        return pairs > 2 * lone;
    }
}
