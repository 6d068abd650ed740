using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;

namespace Sternpost.Filter.SpamAssassin.Patterns;

/// <summary>
/// Octets as text. Perl matches these rules on octets, where \w, \s and \b know ASCII alone; .NET would see letters and spaces in
/// Latin-1. So an octet from 80 on becomes a character of the private use area, which belongs to no class and has no case.
/// </summary>
internal static class ByteText
{
    /// <summary>What is added to octets above 7F.</summary>
    internal const int HighBase = 0xE000;

    /// <summary>The first character that stands for an octet above 7F.</summary>
    internal const char FirstHigh = (char)(HighBase + 0x80);

    internal static char Of(byte octet) => octet < 0x80 ? (char)octet : (char)(HighBase + octet);

    internal static bool IsHigh(char c) => c >= FirstHigh;

    /// <summary>The octet a character stands for.</summary>
    internal static byte Octet(char c) => c < 0x80 ? (byte)c : (byte)(c - HighBase);

    internal static string Of(ReadOnlySpan<byte> octets)
    {
        if (Ascii.IsValid(octets)) return Encoding.ASCII.GetString(octets);
        return string.Create(octets.Length, octets, static (text, source) =>
        {
            for (var i = 0; i < source.Length; i++) text[i] = Of(source[i]);
        });
    }

    /// <summary>Characters as the octets of their UTF-8.</summary>
    internal static string FromUnicode(string text) => Ascii.IsValid(text) ? text : Of(Encoding.UTF8.GetBytes(text));

    /// <summary>Characters below 100 as one octet each; others as their UTF-8.</summary>
    internal static string FromLatin1(string text)
    {
        if (Ascii.IsValid(text)) return text;
        var octets = new byte[text.Length];
        return Encoding.Latin1.GetBytes(text, octets) == text.Length ? Of(octets) : FromUnicode(text);
    }

    internal static byte[] Octets(ReadOnlySpan<char> text)
    {
        var octets = new byte[text.Length];
        Octets(text, octets);
        return octets;
    }

    /// <summary>The octets of a text into a span of the same length.</summary>
    internal static void Octets(ReadOnlySpan<char> text, Span<byte> octets)
    {
        var units = MemoryMarshal.Cast<char, ushort>(text);
        var i = 0;
        // The octet is the low half of either kind of character.
        for (; i + (2 * Vector128<ushort>.Count) <= units.Length; i += 2 * Vector128<ushort>.Count)
        {
            Vector128.Narrow(Vector128.Create(units[i..]), Vector128.Create(units[(i + Vector128<ushort>.Count)..])).CopyTo(octets[i..]);
        }
        for (; i < units.Length; i++) octets[i] = (byte)units[i];
    }

    /// <summary>ASCII lower case; other octets stay.</summary>
    internal static string Lower(string text) => text.AsSpan().IndexOfAnyInRange('A', 'Z') < 0
        ? text
        : string.Create(text.Length, text, static (lower, source) =>
        {
            for (var i = 0; i < source.Length; i++) lower[i] = char.IsAsciiLetterUpper(source[i]) ? (char)(source[i] | 0x20) : source[i];
        });

    /// <summary>True where an octet above 7F occurs.</summary>
    internal static bool HasHigh(ReadOnlySpan<char> text) => text.IndexOfAnyInRange(FirstHigh, (char)(HighBase + 0xFF)) >= 0;
}
