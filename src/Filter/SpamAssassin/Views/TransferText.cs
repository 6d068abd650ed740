using System.Text;
using System.Text.RegularExpressions;
using Sternpost.Filter.SpamAssassin.Patterns;

namespace Sternpost.Filter.SpamAssassin.Views;

/// <summary>Transfer encodings undone with the tolerance SpamAssassin has, on octets as text.</summary>
internal static partial class TransferText
{
    private static readonly sbyte[] Values = MakeValues();

    internal static string QuotedPrintable(string text)
    {
        if (!text.Contains('=', StringComparison.Ordinal) && !BlankEnd().IsMatch(text)) return text;
        text = BlankEnd().Replace(text, "");
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c != '=') result.Append(c);
            else if (i + 1 < text.Length && text[i + 1] == '\n') i++;
            else if (i + 2 < text.Length && text[i + 1] == '\r' && text[i + 2] == '\n') i += 2;
            else if (i + 2 < text.Length && char.IsAsciiHexDigit(text[i + 1]) && char.IsAsciiHexDigit(text[i + 2]))
            {
                result.Append(ByteText.Of((byte)Convert.ToInt32(text.Substring(i + 1, 2), 16)));
                i += 2;
            }
            else result.Append(c);
        }
        return result.ToString();
    }

    internal static string Base64(string text)
    {
        var octets = new byte[(text.Length / 4 * 3) + 3];
        var length = 0;
        int bits = 0, held = 0;
        foreach (var c in text)
        {
            var value = c < 128 ? Values[c] : -1;
            if (value < 0) continue;
            bits = (bits << 6) | value;
            held += 6;
            if (held < 8) continue;
            held -= 8;
            octets[length++] = (byte)(bits >> held);
            bits &= (1 << held) - 1;
        }
        var padding = text.AsSpan().TrimEnd();
        var signs = padding.Length - padding.TrimEnd('=').Length;
        length = Math.Max(0, length - (((signs * 6) + 7) / 8));
        return ByteText.Of(octets.AsSpan(0, length));
    }

    // Padding in the middle counts as zero bits.
    private static sbyte[] MakeValues()
    {
        var values = new sbyte[128];
        Array.Fill(values, (sbyte)-1);
        const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        for (var i = 0; i < Alphabet.Length; i++) values[Alphabet[i]] = (sbyte)i;
        values['='] = 0;
        return values;
    }

    [GeneratedRegex(@"[ \t]+(?=\r?\n)")]
    private static partial Regex BlankEnd();
}
