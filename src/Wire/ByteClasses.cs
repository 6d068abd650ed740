using System.Buffers;

namespace Sternpost.Wire;

/// <summary>The octet classes of RFC 5234 and RFC 5322 that several protocols parse by, as vectorised sets.</summary>
public static class ByteClasses
{
    /// <summary>ALPHA and DIGIT (RFC 5234 B.1).</summary>
    public static SearchValues<byte> AlphaDigit { get; } = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"u8);

    /// <summary>atext (RFC 5322 §3.2.3), without the octets RFC 6531 adds.</summary>
    public static SearchValues<byte> Atext { get; } = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-/=?^_`{|}~"u8);

    /// <summary>VCHAR (RFC 5234 B.1): the printable octets of ASCII without space.</summary>
    public static SearchValues<byte> Vchar { get; } = SearchValues.Create([.. Enumerable.Range(0x21, 0x7E - 0x20).Select(octet => (byte)octet)]);

    /// <summary>Octets no command line may hold: controls, NUL and DEL.</summary>
    public static SearchValues<byte> Control { get; } = SearchValues.Create([.. Enumerable.Range(0, 0x20).Append(0x7F).Select(octet => (byte)octet)]);
}
