using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sternpost.Filter.SpamAssassin.Patterns;

/// <summary>
/// Finds which of some fragments occur in a text, 64 of them together: one bit each, tables of what each place of a row may have, and a row
/// occurs where its bit is left of all of them. No step waits for the one before it, so an octet costs about a nanosecond.
/// </summary>
internal sealed class FragmentFilter
{
    private const int Together = 64;
    private const int Octets = 256;
    // So many places are looked at before the others are: few rows get so far.
    private const int First = 4;

    private readonly Round[] rounds;

    // Masks: for each place of a row one word for each octet. Beyond: the rows for which the text may have ended before that place.
    private sealed record Round(ulong[] Masks, ulong[] Beyond, int[] Owners);

    private FragmentFilter(Round[] rounds) => this.rounds = rounds;

    /// <summary>A filter for rows, each with a number to report. Rows that begin alike are best put next to each other.</summary>
    internal static FragmentFilter Of(IEnumerable<(Fragment Fragment, int Owner)> fragments) => new([.. fragments.Chunk(Together).Select(RoundOf)]);

    private static Round RoundOf((Fragment Fragment, int Owner)[] some)
    {
        var masks = new ulong[Fragment.Longest * Octets];
        var beyond = new ulong[Fragment.Longest];
        for (var bit = 0; bit < some.Length; bit++)
        {
            var sets = some[bit].Fragment.Sets;
            for (var place = 0; place < Fragment.Longest; place++)
            {
                if (place >= sets.Count) beyond[place] |= 1UL << bit;
                for (var octet = 0; octet < Octets; octet++)
                {
                    if (place >= sets.Count || sets[place].Contains(octet)) masks[(place * Octets) + octet] |= 1UL << bit;
                }
            }
        }
        return new Round(masks, beyond, [.. some.Select(one => one.Owner)]);
    }

    /// <summary>Sets the bits of the owners of which a row occurs.</summary>
    internal void Find(ReadOnlySpan<byte> text, Span<ulong> found)
    {
        foreach (var round in rounds)
        {
            for (var bits = Rows(round, text); bits != 0; bits &= bits - 1)
            {
                var owner = round.Owners[BitOperations.TrailingZeroCount(bits)];
                found[owner >> 6] |= 1UL << (owner & 63);
            }
        }
    }

    private static ulong Rows(Round round, ReadOnlySpan<byte> text)
    {
        var found = 0UL;
        ref var masks = ref MemoryMarshal.GetArrayDataReference(round.Masks);
        ref var octet = ref MemoryMarshal.GetReference(text);
        var whole = text.Length - Fragment.Longest + 1;
        for (var at = 0; at < whole; at++)
        {
            ref var here = ref Unsafe.Add(ref octet, at);
            var left = Unsafe.Add(ref masks, here)
                & Unsafe.Add(ref masks, Octets + Unsafe.Add(ref here, 1))
                & Unsafe.Add(ref masks, (2 * Octets) + Unsafe.Add(ref here, 2))
                & Unsafe.Add(ref masks, (3 * Octets) + Unsafe.Add(ref here, 3));
            if (left == 0) continue;
            for (var place = First; place < Fragment.Longest; place++) left &= Unsafe.Add(ref masks, (place * Octets) + Unsafe.Add(ref here, place));
            found |= left;
        }
        for (var at = Math.Max(0, whole); at < text.Length; at++)
        {
            var left = ~0UL;
            for (var place = 0; place < Fragment.Longest; place++) left &= at + place < text.Length ? round.Masks[(place * Octets) + text[at + place]] : round.Beyond[place];
            found |= left;
        }
        return found;
    }
}
