using System.Globalization;
using System.Text;
using Sternpost.Sieve.Running;

namespace Sternpost.Sieve.Compiling;

/// <summary>Characters written by their numbers (RFC 5228 §2.4.2.4): <c>${hex:40}</c> and <c>${unicode:263A}</c>.</summary>
internal static class EncodedCharacters
{
    /// <summary>The string with them undone; what only looks like one stays as it is. <paramref name="problem"/> is a character that cannot be.</summary>
    internal static string Undo(string text, out string? problem)
    {
        problem = null;
        if (!text.Contains("${", StringComparison.Ordinal)) return text;
        var octets = new MemoryStream(text.Length);
        for (var at = 0; at < text.Length;)
        {
            var open = text.IndexOf("${", at, StringComparison.Ordinal);
            if (open < 0) open = text.Length;
            octets.Write(SieveText.Encode(text[at..open]));
            at = open;
            if (at == text.Length) break;
            if (Read(text, at, octets, ref problem) is { } end) at = end;
            else
            {
                octets.Write("${"u8);
                at += 2;
            }
        }
        return SieveText.Decode(octets.ToArray());
    }

    private static int? Read(string text, int at, MemoryStream octets, ref string? problem)
    {
        var rest = text.AsSpan(at + 2);
        var isHex = rest.StartsWith("hex:", StringComparison.OrdinalIgnoreCase);
        if (!isHex && !rest.StartsWith("unicode:", StringComparison.OrdinalIgnoreCase)) return null;
        var begun = at + 2 + (isHex ? 4 : 8);
        var end = text.IndexOf('}', begun);
        if (end < 0) return null;
        var numbers = text[begun..end].Split([' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries);
        if (numbers.Length == 0) return null;
        var made = new MemoryStream();
        Span<byte> encoded = stackalloc byte[4];
        foreach (var number in numbers)
        {
            if (!number.All(char.IsAsciiHexDigit) || (isHex && number.Length > 2)) return null;
            if (isHex)
            {
                made.WriteByte(byte.Parse(number, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                continue;
            }
            var digits = number.TrimStart('0');
            var value = digits.Length > 6 ? int.MaxValue : digits.Length == 0 ? 0 : int.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            // RFC 5228 §2.4.2.4: a value that is no character is an error.
            if (!Rune.IsValid(value))
            {
                problem ??= $"there is no Unicode character with the number {number}";
                return end + 1;
            }
            made.Write(encoded[..new Rune(value).EncodeToUtf8(encoded)]);
        }
        octets.Write(made.ToArray());
        return end + 1;
    }
}
