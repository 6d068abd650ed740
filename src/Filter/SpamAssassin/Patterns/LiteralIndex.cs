using System.Runtime.InteropServices;

namespace Sternpost.Filter.SpamAssassin.Patterns;

/// <summary>
/// Finds which of thousands of literals occur in a text, in one pass. Each literal is filed under its rarest three octets in a row;
/// at every place of the text one bit says whether anything is filed there, and only then is it looked up and compared.
/// </summary>
internal sealed class LiteralIndex
{
    private const int FilterBits = 17;

    private readonly ulong[] filter = new ulong[1 << (FilterBits - 6)];
    private readonly Dictionary<int, int> heads;
    private readonly Entry[] entries;

    private readonly record struct Entry(byte[] Literal, int Offset, int Owner, int Next);

    /// <summary>Files lower-case literals of at least three octets, each with a number to report.</summary>
    internal LiteralIndex(IReadOnlyCollection<(string Literal, int Owner)> literals)
    {
        heads = new Dictionary<int, int>(literals.Count);
        entries = new Entry[literals.Count];
        var count = 0;
        foreach (var (literal, owner) in literals)
        {
            var octets = ByteText.Octets(literal);
            var offset = Rarest(octets);
            var key = Key(octets[offset], octets[offset + 1], octets[offset + 2]);
            ref var head = ref CollectionsMarshal.GetValueRefOrAddDefault(heads, key, out var known);
            entries[count] = new Entry(octets, offset, owner, known ? head : -1);
            head = count++;
            var bit = Hash(key);
            filter[bit >> 6] |= 1UL << (bit & 63);
        }
    }

    internal bool IsEmpty => entries.Length == 0;

    /// <summary>Sets the bit of every owner of which a literal occurs in <paramref name="lower"/>, a text in ASCII lower case.</summary>
    internal void Find(ReadOnlySpan<byte> lower, ulong[] found)
    {
        if (lower.Length < 3 || entries.Length == 0) return;
        var bits = filter;
        var key = (lower[0] << 8) | lower[1];
        for (var i = 2; i < lower.Length; i++)
        {
            key = ((key << 8) | lower[i]) & 0xFFFFFF;
            var bit = Hash(key);
            if ((bits[bit >> 6] & (1UL << (bit & 63))) != 0 && heads.TryGetValue(key, out var head)) Verify(lower, i - 2, head, found);
        }
    }

    private void Verify(ReadOnlySpan<byte> lower, int at, int head, ulong[] found)
    {
        for (var index = head; index >= 0; index = entries[index].Next)
        {
            ref readonly var entry = ref entries[index];
            var start = at - entry.Offset;
            if ((found[entry.Owner >> 6] & (1UL << (entry.Owner & 63))) != 0) continue;
            if (start >= 0 && start + entry.Literal.Length <= lower.Length && lower.Slice(start, entry.Literal.Length).SequenceEqual(entry.Literal)) found[entry.Owner >> 6] |= 1UL << (entry.Owner & 63);
        }
    }

    private static int Key(byte a, byte b, byte c) => (a << 16) | (b << 8) | c;

    private static int Hash(int key) => (int)((uint)key * 0x9E3779B1u >> (32 - FilterBits));

    private static int Rarest(byte[] literal)
    {
        var (best, lowest) = (0, double.MaxValue);
        for (var i = 0; i + 2 < literal.Length; i++)
        {
            var frequency = LetterFrequency.Of(literal[i]) * LetterFrequency.Of(literal[i + 1]) * LetterFrequency.Of(literal[i + 2]);
            if (frequency >= lowest) continue;
            (best, lowest) = (i, frequency);
        }
        return best;
    }
}
