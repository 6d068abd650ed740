using System.Buffers;

namespace Sternpost.Imap.Grammar;

/// <summary>The octet classes of RFC 9051 §9.</summary>
internal static class ImapOctets
{
    // atom-specials: "(" / ")" / "{" / SP / CTL / list-wildcards / quoted-specials / resp-specials
    private const string AtomSpecials = "(){ %*\"\\]";

    /// <summary>ATOM-CHAR.</summary>
    internal static SearchValues<byte> Atom { get; } = Class(octet => !AtomSpecials.Contains(octet));

    /// <summary>ASTRING-CHAR: ATOM-CHAR and "]".</summary>
    internal static SearchValues<byte> AString { get; } = Class(octet => octet == ']' || !AtomSpecials.Contains(octet));

    /// <summary>The characters of a tag: ASTRING-CHAR except "+".</summary>
    internal static SearchValues<byte> Tag { get; } = Class(octet => octet != '+' && (octet == ']' || !AtomSpecials.Contains(octet)));

    /// <summary>list-char: ATOM-CHAR, list-wildcards and "]".</summary>
    internal static SearchValues<byte> List { get; } = Class(octet => octet is ']' or '%' or '*' || !AtomSpecials.Contains(octet));

    /// <summary>What names of FETCH items and search keys are made of; "[" ends them.</summary>
    internal static SearchValues<byte> Name { get; } = Class(octet => char.IsAsciiLetterOrDigit(octet) || octet is '.' or '-' or '=' or '_');

    /// <summary>DIGIT.</summary>
    internal static SearchValues<byte> Digit { get; } = SearchValues.Create("0123456789"u8);

    private static SearchValues<byte> Class(Func<char, bool> has) =>
        SearchValues.Create([.. Enumerable.Range(0x21, 0x7E - 0x20).Where(octet => has((char)octet)).Select(octet => (byte)octet)]);
}
