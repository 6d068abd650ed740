namespace Sternpost.Filter.SpamAssassin.Patterns;

/// <summary>
/// A short row of sets: any match of a pattern has, somewhere, octets of them one after another. It is to a pattern without a literal what
/// the literal is to others. Where the row is at its end the text may be so too.
/// </summary>
/// <param name="Sets">What each place may have.</param>
/// <param name="Frequency">About how often the row occurs at a place of a usual text.</param>
internal sealed record Fragment(IReadOnlyList<ByteSet> Sets, double Frequency)
{
    /// <summary>Places a row has at most.</summary>
    internal const int Longest = 8;

    // Beyond these a list of rows says too little for what it costs.
    private const int MostTogether = 32;
    private const double MostFrequent = 0.01;

    /// <summary>Rows of which any match of the pattern has one; null where none says enough to be looked for.</summary>
    /// <param name="root">The pattern.</param>
    /// <param name="usual">What texts usually have: a row that is in it is not asked for.</param>
    /// <param name="mostFrequent">How often a row may occur at a place.</param>
    internal static IReadOnlyList<Fragment>? Of(PatternNode root, string usual = "", double mostFrequent = MostFrequent) => new Finder(ByteText.Octets(usual)).Find(root) is { } best && FrequencyOf(best) <= mostFrequent ? best : null;

    /// <summary>How often one of the rows occurs at a place of a usual text.</summary>
    internal static double FrequencyOf(IReadOnlyList<Fragment> fragments) => fragments.Sum(fragment => fragment.Frequency);

    /// <summary>Tries the rows that begin at each place all matches pass, and keeps the rarest.</summary>
    private sealed class Finder(byte[] usual)
    {
        private const int MostPlaces = 100_000;
        // Octets that begin a row, for one pattern; and places they may lead to.
        private const int MostWork = 4_000_000;

        private readonly PatternStates states = new(MostPlaces);
        private readonly Stack<int> waiting = new();
        private int[] seen = [];
        private int round;
        private int work;

        internal IReadOnlyList<Fragment>? Find(PatternNode root)
        {
            if (PatternLanguage.Size(root) > MostPlaces) return null;
            return Walk(root, states.End(0)).Best;
        }

        // The place where a part begins that goes on at `next`, and the best rows of which it has one.
        private (int Begin, IReadOnlyList<Fragment>? Best) Walk(PatternNode node, int next)
        {
            switch (node)
            {
                case OctetNode:
                    var at = states.Build(node, next);
                    return (at, RowFrom(at));
                case SequenceNode sequence: return WalkAll(sequence.Parts, next);
                case AlternationNode alternation: return WalkEither(alternation.Branches, next);
                case RepeatNode { Least: > 0 } repeat:
                    var rest = states.Build(repeat with { Least = repeat.Least - 1, Most = repeat.Most < 0 ? -1 : repeat.Most - 1 }, next);
                    return Walk(repeat.Part, rest);
                case CaptureNode capture: return Walk(capture.Part, next);
                case AtomicNode atomic: return Walk(atomic.Part, next);
                default: return (states.Build(node, next), null);
            }
        }

        private (int, IReadOnlyList<Fragment>?) WalkAll(IReadOnlyList<PatternNode> parts, int next)
        {
            IReadOnlyList<Fragment>? best = null;
            for (var i = parts.Count - 1; i >= 0; i--)
            {
                (next, var found) = Walk(parts[i], next);
                best = Rarer(best, found);
            }
            return (next, best);
        }

        private (int, IReadOnlyList<Fragment>?) WalkEither(IReadOnlyList<PatternNode> branches, int next)
        {
            var (begin, found) = Walk(branches[^1], next);
            List<Fragment>? all = found is null ? null : [.. found];
            for (var i = branches.Count - 2; i >= 0; i--)
            {
                (var other, found) = Walk(branches[i], next);
                begin = states.Either(other, begin);
                if (found is null || all?.Count + found.Count > MostTogether) all = null;
                all?.AddRange(found!);
            }
            var row = RowFrom(begin);
            return (begin, Rarer(all, row));
        }

        // A row costs a little, so of two that are about as rare the shorter list is taken.
        private static IReadOnlyList<Fragment>? Rarer(IReadOnlyList<Fragment>? a, IReadOnlyList<Fragment>? b)
        {
            if (a is null || b is null) return a ?? b;
            return FrequencyOf(a) + (1e-6 * a.Count) <= FrequencyOf(b) + (1e-6 * b.Count) ? a : b;
        }

        private IReadOnlyList<Fragment>? RowFrom(int begin)
        {
            if (work > MostWork) return null;
            if (seen.Length < states.Count) Array.Resize(ref seen, states.Count * 2);
            var sets = new List<ByteSet>(Longest);
            var current = new List<int> { begin };
            var frequency = 1.0;
            while (sets.Count < Longest)
            {
                var set = ByteSet.None;
                if (!TryAdvance(ref current, ref set)) break;
                sets.Add(set);
                frequency *= Math.Min(1, LetterFrequency.Of(set));
                // A row that begins with nearly anything begins better later.
                if (sets.Count == 1 && frequency > 0.4) return null;
            }
            return sets.Count == 0 ? null : [new Fragment(sets, OccursIn(usual, sets) ? 1 : frequency)];
        }

        private static bool OccursIn(ReadOnlySpan<byte> text, List<ByteSet> sets)
        {
            for (var at = 0; at + sets.Count <= text.Length; at++)
            {
                var place = 0;
                while (place < sets.Count && sets[place].Contains(text[at + place])) place++;
                if (place == sets.Count) return true;
            }
            return false;
        }

        // False where the pattern may be at its end here, so that anything may follow.
        private bool TryAdvance(ref List<int> current, ref ByteSet set)
        {
            var following = new List<int>();
            round++;
            foreach (var place in current) waiting.Push(place);
            var ends = false;
            while (waiting.TryPop(out var at))
            {
                if (seen[at] == round) continue;
                seen[at] = round;
                work++;
                ref readonly var place = ref states[at];
                switch (place.Kind)
                {
                    case PlaceKind.Octet:
                        set |= states.SetOf(place);
                        following.Add(place.Next);
                        break;
                    case PlaceKind.End:
                        ends = true;
                        break;
                    default:
                        waiting.Push(place.Next);
                        if (place.Kind == PlaceKind.Either && place.Other >= 0) waiting.Push(place.Other);
                        break;
                }
            }
            current = following;
            return !ends;
        }
    }
}
