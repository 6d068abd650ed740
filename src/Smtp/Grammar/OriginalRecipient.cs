using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Sternpost.Wire;

namespace Sternpost.Smtp.Grammar;

/// <summary>The value of ORCPT (RFC 3461 §4.2): an address type, a semicolon and the address in the encoding of its type.</summary>
internal static class OriginalRecipient
{
    // RFC 3461 §4.2.
    private const int MaxLength = 500;

    /// <summary>Decodes to <c>type;address</c>, the form of Original-Recipient in a DSN.</summary>
    internal static bool TryDecode(ReadOnlySpan<byte> value, [NotNullWhen(true)] out string? decoded)
    {
        decoded = null;
        var semicolon = value.IndexOf((byte)';');
        if (value.Length > MaxLength || semicolon <= 0) return false;
        var type = value[..semicolon];
        var address = value[(semicolon + 1)..];
        // addr-type = atom
        if (address.IsEmpty || type.IndexOfAnyExcept(ByteClasses.Atext) >= 0) return false;
        var name = Encoding.ASCII.GetString(type).ToLowerInvariant();
        string? text;
        if (name == "utf-8" ? !TryDecodeUtf8(address, out text) : !Xtext.TryDecode(address, out text)) return false;
        decoded = name + ";" + text;
        return true;
    }

    // RFC 6533 §3: utf-8-addr-xtext, where \x{HEX} stands for a character, and utf-8-addr-unitext, where characters stand for themselves.
    private static bool TryDecodeUtf8(ReadOnlySpan<byte> address, [NotNullWhen(true)] out string? text)
    {
        text = null;
        var source = Encoding.UTF8.GetString(address);
        var result = new StringBuilder(source.Length);
        for (var i = 0; i < source.Length; i++)
        {
            var c = source[i];
            if (c is < '!' or '+' or '=' or (>= '\x7f' and < '\xa0') or '\uFFFD') return false;
            if (c != '\\')
            {
                result.Append(c);
                continue;
            }
            var end = source.IndexOf('}', i);
            if (end < 0 || end - i > 9 || !source.AsSpan(i).StartsWith("\\x{")) return false;
            if (!int.TryParse(source.AsSpan(i + 3, end - i - 3), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var scalar)) return false;
            if (!Rune.IsValid(scalar) || Rune.IsControl(new Rune(scalar))) return false;
            result.Append(new Rune(scalar).ToString());
            i = end;
        }
        text = result.ToString();
        return true;
    }
}
