using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Sternpost.Imap.Grammar;

/// <summary>
/// A set of sequence numbers or uids as the client wrote it (RFC 9051 §9 sequence-set), or <c>$</c>, the result a SEARCH saved (RFC 5182).
/// </summary>
internal sealed class SequenceSet
{
    /// <summary>Stands for <c>*</c> in a range; no number of a set is 0.</summary>
    internal const uint Star = 0;

    private SequenceSet(ImmutableArray<(uint From, uint To)> ranges, bool saved)
    {
        Ranges = ranges;
        IsSavedResult = saved;
    }

    /// <summary><c>$</c>.</summary>
    internal static SequenceSet SavedResult { get; } = new([], saved: true);

    /// <summary>True for <c>$</c>; then there are no ranges.</summary>
    internal bool IsSavedResult { get; }

    /// <summary>Ranges as written: in any order, either end first, overlapping.</summary>
    internal ImmutableArray<(uint From, uint To)> Ranges { get; }

    /// <summary>sequence-set = (seq-number / seq-range) ["," sequence-set] / seq-last-command (§9).</summary>
    internal static bool TryParse(ref ImapScanner scanner, out SequenceSet set)
    {
        set = SavedResult;
        // RFC 5182 §2.1: $ is a whole set, never part of one.
        if (scanner.Take('$')) return true;
        var ranges = ImmutableArray.CreateBuilder<(uint, uint)>();
        do
        {
            if (!SeqNumber(ref scanner, out var from)) return false;
            var to = from;
            if (scanner.Take(':') && !SeqNumber(ref scanner, out to)) return false;
            ranges.Add((from, to));
        }
        while (scanner.Take(','));
        set = new SequenceSet(ranges.DrainToImmutable(), saved: false);
        return true;
    }

    /// <summary>The ranges in rising order without overlap, with <c>*</c> standing for <paramref name="last"/>.</summary>
    internal List<(uint From, uint To)> Normalised(uint last)
    {
        var sorted = new List<(uint From, uint To)>(Ranges.Length);
        foreach (var (a, b) in Ranges)
        {
            var from = a == Star ? last : a;
            var to = b == Star ? last : b;
            // §9: 4:2 is the same as 2:4, and * may stand first.
            sorted.Add(from <= to ? (from, to) : (to, from));
        }
        sorted.Sort();
        var merged = new List<(uint From, uint To)>(sorted.Count);
        foreach (var range in sorted)
        {
            if (merged.Count > 0 && range.From <= (ulong)merged[^1].To + 1)
            {
                if (range.To > merged[^1].To) merged[^1] = (merged[^1].From, range.To);
            }
            else
            {
                merged.Add(range);
            }
        }
        return merged;
    }

    /// <summary>Numbers in rising order as a set in its shortest form: <c>1:3,7</c>.</summary>
    internal static string Format(IEnumerable<uint> rising)
    {
        var text = new StringBuilder();
        uint from = 0, to = 0;
        foreach (var number in rising)
        {
            if (from != 0 && number == to + 1)
            {
                to = number;
                continue;
            }
            Close();
            from = to = number;
        }
        Close();
        return text.ToString();

        void Close()
        {
            if (from == 0) return;
            if (text.Length > 0) text.Append(',');
            text.Append(CultureInfo.InvariantCulture, $"{from}");
            if (to != from) text.Append(CultureInfo.InvariantCulture, $":{to}");
        }
    }

    // seq-number = nz-number / "*" (§9).
    private static bool SeqNumber(ref ImapScanner scanner, out uint number)
    {
        number = Star;
        return scanner.Take('*') || scanner.NzNumber(out number);
    }
}
