namespace Sternpost.Filter.SpamAssassin.Patterns;

/// <summary>
/// A piece of a pattern that every match holds and that a small automaton can look for: what is left of it is a sequence without
/// wide gaps, conditions taken away, which makes it match more but never less.
/// </summary>
/// <param name="Node">The piece.</param>
/// <param name="Bits">How rare a match of it is, as the logarithm of one in so many places.</param>
/// <param name="Times">How often it must occur, none overlapping another.</param>
internal readonly record struct MatchWindow(PatternNode Node, double Bits, int Times = 1)
{
    /// <summary>Below this the piece would be found in nearly every text.</summary>
    private const double LeastBits = 10;

    private const double EnoughBits = 40;
    private const double WidestLoop = 1.7;
    private const int MostCopies = 8;
    private const int MostOctets = 30_000;

    /// <summary>The rarest piece of a pattern; null where none is rare enough.</summary>
    internal static MatchWindow? Of(PatternNode root, double least = LeastBits) => Best(root) is { } window && window.Bits >= least && Size(window.Node) <= MostOctets ? window : null;

    private static MatchWindow? Best(PatternNode node)
    {
        switch (node)
        {
            case CaptureNode capture: return Best(capture.Part);
            case AtomicNode atomic: return Best(atomic.Part);
            case AlternationNode alternation: return Whole(alternation) ?? OfBranches(alternation);
            case RepeatNode { Least: > 0 } repeat: return Whole(repeat) ?? Several(repeat);
            case SequenceNode sequence: return OfSequence(sequence);
            default: return Whole(node);
        }
    }

    /// <summary>What repeats is found as often, whatever is between.</summary>
    private static MatchWindow? Several(RepeatNode repeat)
    {
        if (Best(repeat.Part) is not { } window) return null;
        return window.Times > 1 ? window : window with { Bits = window.Bits * Math.Min(repeat.Least, 4), Times = repeat.Least };
    }

    private static MatchWindow? OfBranches(AlternationNode alternation)
    {
        var windows = new List<PatternNode>(alternation.Branches.Count);
        var chance = 0.0;
        foreach (var branch in alternation.Branches)
        {
            if (Best(branch) is not { } window) return null;
            windows.Add(window.Node);
            chance += Math.Pow(2, -window.Bits / Math.Min(window.Times, 4));
        }
        return new MatchWindow(new AlternationNode(windows), Math.Max(0, -Math.Log2(chance)));
    }

    private static MatchWindow? OfSequence(SequenceNode sequence)
    {
        MatchWindow? best = null;
        var run = new List<PatternNode>();
        var bits = 0.0;
        foreach (var part in sequence.Parts)
        {
            if (bits < EnoughBits && Whole(part) is { } whole)
            {
                run.Add(whole.Node);
                bits += whole.Bits;
                continue;
            }
            best = Rarer(best, run, bits);
            // Where a part repeats over a wide set, the run may still end with what of it must be there.
            if (Best(part) is { } inner && inner.Bits > (best?.Bits ?? 0)) best = inner;
            run = [];
            bits = 0;
        }
        return Rarer(best, run, bits);
    }

    private static MatchWindow? Rarer(MatchWindow? best, List<PatternNode> run, double bits) =>
        run.Count > 0 && bits > (best?.Bits ?? 0) ? new MatchWindow(new SequenceNode(run), bits) : best;

    /// <summary>The node as an automaton can have it; null where it holds a wide gap or what no automaton can.</summary>
    private static MatchWindow? Whole(PatternNode node)
    {
        switch (node)
        {
            case OctetNode octet: return new MatchWindow(octet, Rarity(octet.Set));
            case LookNode or AnchorNode: return new MatchWindow(SequenceNode.Empty, 0);
            case CaptureNode capture: return Whole(capture.Part);
            case AtomicNode atomic: return Whole(atomic.Part);
            case RepeatNode repeat: return WholeRepeat(repeat);
            case SequenceNode sequence:
                var (parts, sum) = (new List<PatternNode>(sequence.Parts.Count), 0.0);
                foreach (var part in sequence.Parts)
                {
                    if (Whole(part) is not { } whole) return null;
                    parts.Add(whole.Node);
                    sum += whole.Bits;
                }
                return new MatchWindow(new SequenceNode(parts), sum);
            case AlternationNode alternation:
                var (branches, chance) = (new List<PatternNode>(alternation.Branches.Count), 0.0);
                foreach (var branch in alternation.Branches)
                {
                    if (Whole(branch) is not { } whole) return null;
                    branches.Add(whole.Node);
                    chance += Math.Pow(2, -whole.Bits);
                }
                return new MatchWindow(new AlternationNode(branches), Math.Max(0, -Math.Log2(chance)));
            default: return null;
        }
    }

    private static MatchWindow? WholeRepeat(RepeatNode repeat)
    {
        if (Whole(repeat.Part) is not { } inner || repeat.Least > MostCopies) return null;
        if (repeat.Most is >= 0 and <= MostCopies) return new MatchWindow(repeat with { Part = inner.Node }, inner.Bits * repeat.Least);
        // Many times is taken for any number of times, which is safe; over a wide set it would keep the automaton busy everywhere.
        return inner.Bits >= WidestLoop ? new MatchWindow(new RepeatNode(inner.Node, repeat.Least, -1, RepeatManner.Greedy), inner.Bits * repeat.Least) : null;
    }

    private static double Rarity(ByteSet set) => Math.Clamp(-Math.Log2(Math.Max(Share(set), 1e-6)), 0, 10);

    // Both cases are one in the text that is looked at.
    private static double Share(ByteSet set)
    {
        var lower = set.BothCases();
        var sum = 0.0;
        for (var octet = 0; octet < 256; octet++)
        {
            if (octet is not (>= 'A' and <= 'Z') && lower.Contains(octet)) sum += LetterFrequency.Of(octet);
        }
        return sum / 1100;
    }

    private static int Size(PatternNode node) => node switch
    {
        OctetNode => 1,
        SequenceNode sequence => sequence.Parts.Sum(Size),
        AlternationNode alternation => alternation.Branches.Sum(Size),
        RepeatNode repeat => Size(repeat.Part) * Math.Max(1, Math.Max(repeat.Least, repeat.Most)),
        _ => 1,
    };
}
