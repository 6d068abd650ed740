using System.Text;
using MimeKit;
using MimeKit.Utils;

namespace Sternpost.Filter.Views;

/// <summary>Header values as people read them: unfolded, encoded words (RFC 2047) decoded, unlabelled 8-bit guessed.</summary>
internal static class HeaderText
{
    // A subject of a megabyte is read no further than any reader would show it.
    private const int MaxOctets = 4096;

    internal static string Decode(ReadOnlySpan<byte> value)
    {
        if (value.Length > MaxOctets) value = value[..MaxOctets];
        if (value.IndexOf("=?"u8) < 0) return Unfold(Charsets.Decode(value, null));
        var bytes = value.ToArray();
        return Unfold(Rfc2047.DecodeText(ParserOptions.Default, bytes, 0, bytes.Length));
    }

    /// <summary>Unfolded without decoding, octets as Latin-1.</summary>
    internal static string Raw(ReadOnlySpan<byte> value) =>
        Unfold(Encoding.Latin1.GetString(value.Length > MaxOctets ? value[..MaxOctets] : value));

    private static string Unfold(string text)
    {
        if (text.AsSpan().IndexOfAny('\r', '\n') < 0) return text.Trim();
        var unfolded = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (c is not ('\r' or '\n')) unfolded.Append(c == '\t' ? ' ' : c);
        }
        return unfolded.ToString().Trim();
    }
}
