namespace Sternpost.Filter.SpamAssassin.Patterns;

/// <summary>
/// What any text must hold for a pattern to match, found without matching: one of some literals, or an octet of each of some sets.
/// Nothing is lost by asking this first, and most patterns need never run.
/// </summary>
/// <param name="AnyOf">Lower-case literals of which one must occur; null where there are none to ask for.</param>
/// <param name="Sets">Sets of which each must have an octet in the text.</param>
/// <param name="Shortest">Octets any match has at least.</param>
internal sealed record RequiredText(IReadOnlyList<string>? AnyOf, IReadOnlyList<ByteSet> Sets, int Shortest)
{
    /// <summary>Shorter literals occur everywhere.</summary>
    internal const int ShortestLiteral = 3;

    private const int LongestLiteral = 8;
    // Of one place after another the combinations count, of alternatives the sum.
    private const int MostCombined = 512;
    private const int MostLiterals = 4096;
    private const int MostSets = 3;

    /// <param name="root">The pattern.</param>
    /// <param name="usual">What texts usually have: a literal that is in it is not asked for.</param>
    internal static RequiredText Of(PatternNode root, string usual = "") => new Finder(ByteText.Lower(usual)).Find(root);

    private sealed class Finder(string usual)
    {
        internal RequiredText Find(PatternNode root)
        {
            var facts = FactsOf(root);
            var best = Better(facts.Best, facts.Exact);
            return new RequiredText(best, best is null ? Selective(facts.Sets) : [], facts.Shortest);
        }

        // Exact is everything the node may match, where that is a short list; of Best any match holds one.
        private readonly record struct Facts(List<string>? Exact, List<string>? Best, List<ByteSet> Sets, int Shortest)
        {
            internal static Facts Nothing => new([""], null, [], 0);

            internal static Facts Unknown => new(null, null, [], 0);
        }

        private Facts FactsOf(PatternNode node) => node switch
        {
            OctetNode octet => OfOctet(octet.Set),
            SequenceNode sequence => OfSequence(sequence.Parts),
            AlternationNode alternation => OfAlternation(alternation.Branches),
            RepeatNode repeat => OfRepeat(repeat),
            CaptureNode capture => FactsOf(capture.Part),
            AtomicNode atomic => FactsOf(atomic.Part),
            LookNode or AnchorNode => Facts.Nothing,
            _ => Facts.Unknown,
        };

        private Facts OfOctet(ByteSet set)
        {
            // No octet at all: a character beyond them, as \x{263A}. Nothing matches, so nothing need be required.
            if (set.Count == 0) return new Facts(null, null, [], 1);
            if (set.Count > 24) return new Facts(null, null, [set], 1);
            var exact = new List<string>(4);
            for (var octet = 0; octet < 256; octet++)
            {
                if (set.Contains(octet) && !(octet is >= 'A' and <= 'Z' && set.Contains(octet | 0x20))) exact.Add(OneOctet[octet]);
            }
            return new Facts(exact, null, [set], 1);
        }

        private Facts OfSequence(IReadOnlyList<PatternNode> parts)
        {
            List<string> run = [""];
            List<string>? best = null;
            var sets = new List<ByteSet>();
            var shortest = 0;
            var whole = true;
            foreach (var part in parts)
            {
                var facts = FactsOf(part);
                shortest += facts.Shortest;
                foreach (var set in facts.Sets) Add(sets, set);
                if (facts.Exact is { } exact && run.Count * exact.Count <= MostCombined && run[0].Length < LongestLiteral)
                {
                    run = Combine(run, exact);
                    continue;
                }
                whole = false;
                best = Better(Better(best, run), Better(facts.Best, facts.Exact));
                run = facts.Exact ?? [""];
            }
            return whole ? new Facts(run, null, sets, shortest) : new Facts(null, Better(best, run), sets, shortest);
        }

        private static List<string> Combine(List<string> begun, List<string> more)
        {
            if (begun is [""]) return more;
            var combined = new List<string>(begun.Count * more.Count);
            foreach (var first in begun)
            {
                foreach (var second in more) combined.Add(first + second);
            }
            return combined.Count > 1 ? [.. combined.Distinct(StringComparer.Ordinal)] : combined;
        }

        private Facts OfAlternation(IReadOnlyList<PatternNode> branches)
        {
            List<string>? exact = [];
            List<string>? best = [];
            ByteSet? union = ByteSet.None;
            var shortest = int.MaxValue;
            var (allExact, allBest) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
            foreach (var branch in branches)
            {
                var facts = FactsOf(branch);
                shortest = Math.Min(shortest, facts.Shortest);
                exact = Collect(exact, allExact, facts.Exact);
                best = Collect(best, allBest, Better(facts.Best, facts.Exact));
                var sets = Selective(facts.Sets);
                union = sets.Count == 0 ? null : union | sets[0];
            }
            return new Facts(exact is null ? null : [.. allExact], best is null ? null : [.. allBest], union is { } set ? [set] : [], shortest);
        }

        private static List<string>? Collect(List<string>? all, HashSet<string> seen, List<string>? more)
        {
            if (all is null || more is null) return null;
            seen.UnionWith(more);
            return seen.Count > MostLiterals ? null : all;
        }

        private static List<string>? Join(List<string>? all, List<string>? more)
        {
            if (all is null || more is null) return null;
            var joined = all.Union(more, StringComparer.Ordinal).ToList();
            return joined.Count > MostLiterals ? null : joined;
        }

        private Facts OfRepeat(RepeatNode repeat)
        {
            var inner = FactsOf(repeat.Part);
            if (repeat.Least == 0) return new Facts(repeat.Most == 1 ? Join([""], inner.Exact) : null, null, [], 0);
            if (repeat is { Least: var least, Most: var most } && least == most && least <= 8 && inner.Exact is { Count: 1 } one && one[0].Length * least <= LongestLiteral)
            {
                return new Facts([string.Concat(Enumerable.Repeat(one[0], least))], null, inner.Sets, inner.Shortest * least);
            }
            return new Facts(repeat is { Least: 1, Most: 1 } ? inner.Exact : null, Better(inner.Best, inner.Exact), inner.Sets, inner.Shortest * repeat.Least);
        }

        // The longer the shortest literal, the rarer; beyond six octets fewer literals count for more.
        private List<string>? Better(List<string>? a, List<string>? b)
        {
            var (worthA, worthB) = (Worth(a), Worth(b));
            return worthA == 0 && worthB == 0 ? null : worthA >= worthB ? a : b;
        }

        private double Worth(List<string>? literals)
        {
            if (literals is null || literals.Count == 0) return 0;
            var shortest = literals.Min(literal => literal.Length);
            if (usual.Length > 0 && literals.Exists(literal => usual.Contains(literal, StringComparison.Ordinal))) return 0;
            return shortest < ShortestLiteral ? 0 : (10.0 * Math.Min(shortest, 6)) - (2 * Math.Log2(literals.Count)) + (0.01 * shortest) + 20;
        }

        private static void Add(List<ByteSet> sets, ByteSet set)
        {
            if (!sets.Contains(set)) sets.Add(set);
        }

        private static List<ByteSet> Selective(List<ByteSet> sets)
        {
            // A set that the most frequent letters or the space belong to is in every text.
            var useful = sets.Where(set => !set.Contains(' ') && !set.Contains('e') && !set.Contains('t') && !set.Contains('a')).Distinct().OrderBy(Frequency).Take(MostSets).ToList();
            return useful;
        }

        private static double Frequency(ByteSet set)
        {
            var sum = 0.0;
            for (var octet = 0; octet < 256; octet++)
            {
                if (set.Contains(octet)) sum += LetterFrequency.Of(octet);
            }
            return sum;
        }

        // Each octet in lower case as a text.
        private static readonly string[] OneOctet = [.. Enumerable.Range(0, 256).Select(octet => ByteText.Lower(ByteText.Of((byte)octet).ToString()))];
    }
}
