using System.Text;

namespace Sternpost.Sieve.Running;

/// <summary>
/// Octets as strings. A script and a message are octets (RFC 5228 §2.1), mostly UTF-8: what is none is carried through strings as lone
/// surrogates U+DC80 to U+DCFF, one for each octet, and comes out as it went in.
/// </summary>
internal static class SieveText
{
    private const char Escape = '\udc00';
    private static readonly UTF8Encoding Strict = new(false, true);

    internal static string Decode(ReadOnlySpan<byte> octets)
    {
        try
        {
            return Strict.GetString(octets);
        }
        catch (DecoderFallbackException)
        {
            return Carry(octets);
        }
    }

    internal static byte[] Encode(string text)
    {
        if (IsValid(text)) return Encoding.UTF8.GetBytes(text);
        var octets = new List<byte>(text.Length + 16);
        Span<byte> rune = stackalloc byte[4];
        for (var at = 0; at < text.Length;)
        {
            if (Rune.TryGetRuneAt(text, at, out var whole))
            {
                octets.AddRange(rune[..whole.EncodeToUtf8(rune)]);
                at += whole.Utf16SequenceLength;
                continue;
            }
            octets.Add(text[at] is >= '\udc80' and <= '\udcff' ? (byte)(text[at] - Escape) : (byte)'?');
            at++;
        }
        return [.. octets];
    }

    /// <summary>Whether it is text: no octets that are no UTF-8.</summary>
    internal static bool IsValid(string text)
    {
        for (var at = 0; at < text.Length; at++)
        {
            if (!char.IsSurrogate(text[at])) continue;
            if (!char.IsHighSurrogate(text[at]) || at + 1 == text.Length || !char.IsLowSurrogate(text[at + 1])) return false;
            at++;
        }
        return true;
    }

    private static string Carry(ReadOnlySpan<byte> octets)
    {
        var text = new StringBuilder(octets.Length);
        while (octets.Length > 0)
        {
            if (Rune.DecodeFromUtf8(octets, out var rune, out var used) == System.Buffers.OperationStatus.Done) text.Append(rune.ToString());
            else
            {
                foreach (var octet in octets[..used]) text.Append((char)(Escape + octet));
            }
            octets = octets[used..];
        }
        return text.ToString();
    }
}
