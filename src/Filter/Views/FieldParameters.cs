using System.Text;

namespace Sternpost.Filter.Views;

/// <summary>Parameters of Content-Type and Content-Disposition (RFC 2045 §5.1, RFC 2231), read tolerantly.</summary>
internal static class FieldParameters
{
    private const int MaxOctets = 4096;

    /// <summary>The token before the first semicolon, lower case, without white space.</summary>
    internal static string Token(ReadOnlySpan<byte> value)
    {
        var end = value.IndexOf((byte)';');
        var token = (end < 0 ? value : value[..end]).Trim(" \t\r\n\""u8);
        return token.Length > 128 ? "" : Encoding.Latin1.GetString(token).ToLowerInvariant();
    }

    /// <summary>The parameter of that lower-case name, pieces joined and decoded; null where absent.</summary>
    internal static string? Find(ReadOnlySpan<byte> value, string name)
    {
        if (value.Length > MaxOctets) value = value[..MaxOctets];
        string? plain = null;
        StringBuilder? pieces = null;
        var extended = false;
        while (true)
        {
            var semicolon = IndexOfUnquoted(value, (byte)';');
            if (semicolon < 0) break;
            value = value[(semicolon + 1)..];
            var end = IndexOfUnquoted(value, (byte)';');
            var parameter = end < 0 ? value : value[..end];
            var equals = parameter.IndexOf((byte)'=');
            if (equals <= 0) continue;
            var attribute = Encoding.Latin1.GetString(parameter[..equals].Trim(" \t\r\n"u8)).ToLowerInvariant();
            if (!attribute.StartsWith(name, StringComparison.Ordinal)) continue;
            var text = Unquote(parameter[(equals + 1)..].Trim(" \t\r\n"u8));
            if (attribute.Length == name.Length) plain ??= text;
            else if (attribute[name.Length] == '*')
            {
                // RFC 2231 §3 and §4: name*0*, name*1 … are pieces; a trailing star means percent encoding.
                extended |= attribute[^1] == '*';
                (pieces ??= new StringBuilder()).Append(text);
            }
        }
        if (pieces is null) return plain is null ? null : DecodeWords(plain);
        return extended ? DecodeExtended(pieces.ToString()) : pieces.ToString();
    }

    private static string DecodeWords(string text) =>
        text.Contains("=?", StringComparison.Ordinal) ? HeaderText.Decode(Encoding.Latin1.GetBytes(text)) : text;

    private static string DecodeExtended(string text)
    {
        var first = text.IndexOf('\'', StringComparison.Ordinal);
        var second = first < 0 ? -1 : text.IndexOf('\'', first + 1);
        var charset = second < 0 ? null : text[..first];
        var body = second < 0 ? text : text[(second + 1)..];
        var bytes = new List<byte>(body.Length);
        for (var i = 0; i < body.Length; i++)
        {
            if (body[i] == '%' && i + 2 < body.Length && byte.TryParse(body.AsSpan(i + 1, 2), System.Globalization.NumberStyles.HexNumber, null, out var octet))
            {
                bytes.Add(octet);
                i += 2;
            }
            else bytes.Add((byte)body[i]);
        }
        return Charsets.Decode(bytes.ToArray(), string.IsNullOrEmpty(charset) ? null : charset);
    }

    private static string Unquote(ReadOnlySpan<byte> text)
    {
        if (text.Length >= 2 && text[0] == '"')
        {
            var close = text[1..].LastIndexOf((byte)'"');
            text = close < 0 ? text[1..] : text.Slice(1, close);
            if (text.Contains((byte)'\\')) return Encoding.Latin1.GetString(text).Replace("\\", "", StringComparison.Ordinal);
        }
        return Encoding.Latin1.GetString(text);
    }

    private static int IndexOfUnquoted(ReadOnlySpan<byte> text, byte wanted)
    {
        var quoted = false;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '"') quoted = !quoted;
            else if (text[i] == '\\' && quoted) i++;
            else if (text[i] == wanted && !quoted) return i;
        }
        return -1;
    }
}
