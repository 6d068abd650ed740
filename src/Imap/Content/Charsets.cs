using System.Text;
using System.Text.Unicode;

namespace Sternpost.Imap.Content;

/// <summary>Text of a declared charset as Unicode. What is declared wrongly, as often, is read as UTF-8 where it is that, else as Windows-1252.</summary>
internal static class Charsets
{
    private static readonly EncodingProvider CodePages = CodePagesEncodingProvider.Instance;
    private static readonly Encoding Western = CodePages.GetEncoding(1252)!;

    internal static string Decode(ReadOnlySpan<byte> octets, string? charset)
    {
        // First what most mail is, whatever it declares.
        if (Ascii.IsValid(octets) && !IsStateful(charset)) return Encoding.ASCII.GetString(octets);
        return (Find(charset) ?? (Utf8.IsValid(octets) ? Encoding.UTF8 : Western)).GetString(octets);
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
