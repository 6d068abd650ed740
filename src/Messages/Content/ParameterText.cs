using System.Globalization;
using System.Text;

namespace Sternpost.Messages.Content;

/// <summary>The decoded value of a MIME parameter: RFC 2231's pieces and charsets undone, and the encoded words that many programs write although RFC 2047 §5 forbids them.</summary>
public static class ParameterText
{
    private const int MostPieces = 100;

    /// <summary>The value of a parameter, or null where there is none.</summary>
    /// <param name="parameters">As <c>PartStructure</c> holds them: names in lower case, with the asterisks of RFC 2231.</param>
    /// <param name="name">The name without asterisks, in lower case.</param>
    public static string? Find(IReadOnlyList<KeyValuePair<string, string>> parameters, string name)
    {
        string? plain = null;
        var pieces = new SortedDictionary<int, (string Value, bool IsEncoded)>();
        foreach (var (key, value) in parameters)
        {
            if (key == name) plain ??= value;
            else if (key == name + "*") pieces[0] = (value, true);
            else if (key.StartsWith(name + "*", StringComparison.Ordinal))
            {
                var rest = key.AsSpan(name.Length + 1);
                var encoded = rest.EndsWith("*");
                if (encoded) rest = rest[..^1];
                if (int.TryParse(rest, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < MostPieces) pieces[number] = (value, encoded);
            }
        }
        // RFC 2231's form counts more: a program that writes both writes the other for old readers.
        if (pieces.Count > 0) return Join(pieces);
        return plain is null ? null : EncodedWords.Decode(plain);
    }

    private static string Join(SortedDictionary<int, (string Value, bool IsEncoded)> pieces)
    {
        string? charset = null;
        var octets = new List<byte>();
        foreach (var (number, (value, isEncoded)) in pieces)
        {
            var text = value.AsSpan();
            if (isEncoded && number == 0 && text.IndexOf('\'') is >= 0 and var quote)
            {
                charset = text[..quote].ToString();
                text = text[(quote + 1)..];
                if (text.IndexOf('\'') is >= 0 and var second) text = text[(second + 1)..];
            }
            if (isEncoded) Unescape(text, octets);
            else octets.AddRange(Encoding.UTF8.GetBytes(text.ToString()));
        }
        return Charsets.Decode(octets.ToArray(), charset);
    }

    private static void Unescape(ReadOnlySpan<char> text, List<byte> octets)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '%' && i + 2 < text.Length && byte.TryParse(text.Slice(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var octet))
            {
                octets.Add(octet);
                i += 2;
            }
            else octets.AddRange(Encoding.UTF8.GetBytes(text[i].ToString()));
        }
    }
}
