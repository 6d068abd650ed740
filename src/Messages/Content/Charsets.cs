using System.Text;
using System.Text.Unicode;

namespace Sternpost.Messages.Content;

/// <summary>Text of a declared charset as Unicode. What is declared wrongly, as often, is read as UTF-8 where it is that, else as Windows-1252.</summary>
public static class Charsets
{
    private static readonly EncodingProvider CodePages = CodePagesEncodingProvider.Instance;
    private static readonly Encoding Western = CodePages.GetEncoding(1252)!;

    /// <summary>The text; never fails.</summary>
    public static string Decode(ReadOnlySpan<byte> octets, string? charset) => Decode(octets, charset, out _);

    /// <summary>The text, and whether the declared charset was unknown or did not fit the octets, so that some of the text is a guess or replaced.</summary>
    public static string Decode(ReadOnlySpan<byte> octets, string? charset, out bool problem)
    {
        problem = false;
        // First what most mail is, whatever it declares.
        if (Ascii.IsValid(octets) && !IsStateful(charset)) return Encoding.ASCII.GetString(octets);
        var declared = Find(charset);
        var text = (declared ?? (Utf8.IsValid(octets) ? Encoding.UTF8 : Western)).GetString(octets);
        problem = declared is null || text.Contains('\ufffd', StringComparison.Ordinal);
        return text;
    }

    // Charsets that write other letters in octets of ASCII.
    private static bool IsStateful(string? charset) =>
        charset is not null && (charset.StartsWith("iso-2022", StringComparison.OrdinalIgnoreCase) || charset.StartsWith("utf-16", StringComparison.OrdinalIgnoreCase)
            || charset.StartsWith("utf-32", StringComparison.OrdinalIgnoreCase) || charset.StartsWith("hz-", StringComparison.OrdinalIgnoreCase));

    private static Encoding? Find(string? charset)
    {
        if (string.IsNullOrWhiteSpace(charset) || charset.Length > 40) return null;
        var name = charset.Trim().ToLowerInvariant();
        return name switch
        {
            "utf-8" or "utf8" => Encoding.UTF8,
            // UTF-7 has no place in the body of honest mail, and its decoder none in this program.
            "us-ascii" or "ascii" or "utf-7" => null,
            "iso-8859-1" or "latin1" => Western,
            "utf-16" or "utf-16be" => Encoding.BigEndianUnicode,
            "utf-16le" => Encoding.Unicode,
            "utf-32" => Encoding.UTF32,
            _ => CodePages.GetEncoding(name),
        };
    }
}
