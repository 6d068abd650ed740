using System.Numerics;
using System.Text;

namespace Sternpost.Filter.SpamAssassin.Patterns;

/// <summary>A set of octets: what one place of a pattern may match.</summary>
internal readonly record struct ByteSet(ulong A, ulong B, ulong C, ulong D)
{
    internal static readonly ByteSet None = new(0, 0, 0, 0);
    internal static readonly ByteSet All = new(~0UL, ~0UL, ~0UL, ~0UL);
    internal static readonly ByteSet Digit = Range('0', '9');
    internal static readonly ByteSet Word = Range('0', '9') | Range('A', 'Z') | Range('a', 'z') | Of('_');
    // perlrecharclass: \s of octets is the five of isspace and, since 5.18, the vertical tab.
    internal static readonly ByteSet Space = Range(9, 13) | Of(' ');
    internal static readonly ByteSet Horizontal = Of('\t') | Of(' ') | Of(0xA0);
    internal static readonly ByteSet Vertical = Range(10, 13) | Of(0x85);
    internal static readonly ByteSet NewLine = Of('\n');

    internal int Count => BitOperations.PopCount(A) + BitOperations.PopCount(B) + BitOperations.PopCount(C) + BitOperations.PopCount(D);

    internal bool Contains(int octet) => (octet >> 6) switch
    {
        0 => (A >> octet & 1) != 0,
        1 => (B >> (octet & 63) & 1) != 0,
        2 => (C >> (octet & 63) & 1) != 0,
        _ => (D >> (octet & 63) & 1) != 0,
    };

    internal static ByteSet Of(int octet)
    {
        var bit = 1UL << (octet & 63);
        return (octet >> 6) switch { 0 => new(bit, 0, 0, 0), 1 => new(0, bit, 0, 0), 2 => new(0, 0, bit, 0), _ => new(0, 0, 0, bit) };
    }

    internal static ByteSet Range(int first, int last)
    {
        var set = None;
        for (var octet = first; octet <= last; octet++) set |= Of(octet);
        return set;
    }

    /// <summary>The octets that occur in <paramref name="text"/>.</summary>
    internal static ByteSet In(ReadOnlySpan<byte> text)
    {
        Span<ulong> bits = stackalloc ulong[4];
        foreach (var octet in text) bits[octet >> 6] |= 1UL << (octet & 63);
        return new(bits[0], bits[1], bits[2], bits[3]);
    }

    public static ByteSet operator |(ByteSet a, ByteSet b) => new(a.A | b.A, a.B | b.B, a.C | b.C, a.D | b.D);

    public static ByteSet operator &(ByteSet a, ByteSet b) => new(a.A & b.A, a.B & b.B, a.C & b.C, a.D & b.D);

    public static ByteSet operator ~(ByteSet a) => new(~a.A, ~a.B, ~a.C, ~a.D);

    internal bool Meets(in ByteSet other) => ((A & other.A) | (B & other.B) | (C & other.C) | (D & other.D)) != 0;

    /// <summary>The set with every ASCII letter in both cases.</summary>
    internal ByteSet BothCases()
    {
        // Octets 41 to 5A and 61 to 7A lie in the second word, 32 bits apart.
        const ulong Letters = 0x07FFFFFE;
        var upper = B & Letters;
        var lower = (B >> 32) & Letters;
        return this with { B = B | (upper << 32) | lower };
    }

    internal IEnumerable<int> Octets()
    {
        for (var octet = 0; octet < 256; octet++)
        {
            if (Contains(octet)) yield return octet;
        }
    }

    /// <summary>Appends the set as .NET writes it.</summary>
    internal void AppendTo(StringBuilder target)
    {
        var count = Count;
        if (count == 1) AppendOctet(target, Octets().First());
        else if (count == 256) target.Append("[\\s\\S]");
        else if (count == 0) target.Append("[^\\s\\S]");
        else if (this == Word) target.Append("\\w");
        else if (this == ~Word) target.Append("\\W");
        else if (this == Space) target.Append("\\s");
        else if (this == ~Space) target.Append("\\S");
        else if (this == ~NewLine) target.Append("[^\\n]");
        else AppendRanges(target, count > 128);
    }

    private void AppendRanges(StringBuilder target, bool negated)
    {
        target.Append(negated ? "[^" : "[");
        for (var octet = 0; octet < 256; octet++)
        {
            if (Contains(octet) == negated) continue;
            var last = octet;
            // The characters of octets 7F and 80 are not neighbours.
            while (last < 255 && last != 0x7F && Contains(last + 1) != negated) last++;
            AppendOctet(target, octet);
            if (last > octet + 1) target.Append('-');
            if (last > octet) AppendOctet(target, last);
            octet = last;
        }
        target.Append(']');
    }

    private static void AppendOctet(StringBuilder target, int octet)
    {
        var c = ByteText.Of((byte)octet);
        if (char.IsAsciiLetterOrDigit(c)) target.Append(c);
        else target.Append("\\u").Append(((int)c).ToString("X4"));
    }
}
