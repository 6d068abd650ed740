using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Sternpost.Smtp.Grammar;

/// <summary>xtext (RFC 3461 §4): printable ASCII in which <c>+</c> and two upper-case hexadecimal digits stand for an octet.</summary>
internal static class Xtext
{
    /// <summary>Decodes; false where the text is not xtext or stands for something that is not printable ASCII (RFC 3461 §4.2, §4.4).</summary>
    internal static bool TryDecode(ReadOnlySpan<byte> text, [NotNullWhen(true)] out string? decoded)
    {
        decoded = null;
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var octet = text[i];
            // xchar = any ASCII CHAR between "!" and "~" inclusive, except for "+" and "="
            if (octet is < (byte)'!' or > (byte)'~' or (byte)'=') return false;
            if (octet == '+')
            {
                if (i + 2 >= text.Length || Digit(text[i + 1]) is not (>= 0 and var high) || Digit(text[i + 2]) is not (>= 0 and var low)) return false;
                octet = (byte)((high << 4) | low);
                i += 2;
                if (octet is < (byte)' ' or > (byte)'~') return false;
            }
            result.Append((char)octet);
        }
        decoded = result.ToString();
        return true;
    }

    /// <summary>Encodes printable ASCII.</summary>
    internal static string Encode(string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (c is > ' ' and <= '~' and not ('+' or '=')) result.Append(c);
            else result.Append('+').Append(((int)c).ToString("X2"));
        }
        return result.ToString();
    }

    // hexchar = ASCII "+" immediately followed by two upper case hexadecimal digits; lower case is read too, because it is seen.
    private static int Digit(byte octet) => char.IsAsciiHexDigit((char)octet) ? Convert.ToInt32(((char)octet).ToString(), 16) : -1;
}
