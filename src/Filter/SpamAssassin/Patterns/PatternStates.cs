namespace Sternpost.Filter.SpamAssassin.Patterns;

/// <summary>What one place of a non-deterministic automaton is.</summary>
internal enum PlaceKind : byte
{
    /// <summary>Takes an octet of a set.</summary>
    Octet,
    /// <summary>Goes on at either of two places, or at one.</summary>
    Either,
    /// <summary>The end of a pattern.</summary>
    End,
    /// <summary>\A.</summary>
    TextStart,
    /// <summary>^ of many lines.</summary>
    LineStart,
    /// <summary>\z.</summary>
    TextEnd,
    /// <summary>\Z: the end, or a line end that is the last octet.</summary>
    LastLineEnd,
    /// <summary>$ of many lines.</summary>
    LineEnd,
    /// <summary>\b.</summary>
    WordEdge,
    /// <summary>\B.</summary>
    NoWordEdge,
}

/// <summary>The non-deterministic automaton of some patterns, at most <paramref name="most"/> places large.</summary>
internal sealed class PatternStates(int most)
{
    private readonly List<int> starts = [];
    private readonly Dictionary<ByteSet, ushort> numbers = [];
    private readonly List<ByteSet> sets = [];
    private Place[] places = new Place[64];

    /// <summary>A place.</summary>
    /// <param name="Kind">What it is.</param>
    /// <param name="Set">The number of its set.</param>
    /// <param name="Next">Where it goes on; the owner's number at an end.</param>
    /// <param name="Other">The other way, -1 where there is none.</param>
    internal readonly record struct Place(PlaceKind Kind, ushort Set, int Next, int Other);

    internal int Count { get; private set; }

    internal IReadOnlyList<int> Starts => starts;

    internal ref readonly Place this[int place] => ref places[place];

    internal ByteSet SetOf(in Place place) => sets[place.Set];

    /// <summary>Adds a pattern; false where it is too large.</summary>
    internal bool TryAdd(PatternNode root, int owner)
    {
        if (Count + PatternLanguage.Size(root) + 1 > most || sets.Count > ushort.MaxValue / 2) return false;
        starts.Add(Build(root, End(owner)));
        return Count <= most;
    }

    private int Add(Place place)
    {
        if (Count == places.Length) Array.Resize(ref places, Count * 2);
        places[Count] = place;
        return Count++;
    }

    private int Octet(ByteSet set, int next)
    {
        if (!numbers.TryGetValue(set, out var number))
        {
            numbers.Add(set, number = (ushort)sets.Count);
            sets.Add(set);
        }
        return Add(new Place(PlaceKind.Octet, number, next, -1));
    }

    /// <summary>Adds a place that goes on at either of two.</summary>
    internal int Either(int a, int b) => Add(new Place(PlaceKind.Either, 0, a, b));

    /// <summary>Adds the end of a pattern.</summary>
    internal int End(int owner) => Add(new Place(PlaceKind.End, 0, owner, -1));

    /// <summary>Adds the places of a part that goes on at <paramref name="next"/>; answers where it begins.</summary>
    internal int Build(PatternNode node, int next)
    {
        switch (node)
        {
            case OctetNode octet: return Octet(octet.Set, next);
            case SequenceNode sequence:
                for (var i = sequence.Parts.Count - 1; i >= 0; i--) next = Build(sequence.Parts[i], next);
                return next;
            case AlternationNode alternation:
                var begin = Build(alternation.Branches[^1], next);
                for (var i = alternation.Branches.Count - 2; i >= 0; i--) begin = Either(Build(alternation.Branches[i], next), begin);
                return begin;
            case RepeatNode repeat: return BuildRepeat(repeat, next);
            case CaptureNode capture: return Build(capture.Part, next);
            case AtomicNode atomic: return Build(atomic.Part, next);
            case ConditionNode condition: return Either(Build(condition.Yes, next), Build(condition.No, next));
            case AnchorNode anchor: return PatternLanguage.KindOf(anchor) is { } kind ? Add(new Place(kind, 0, next, -1)) : next;
            // Anything may have been matched before.
            case BackreferenceNode: return BuildRepeat(new RepeatNode(new OctetNode(ByteSet.All), 0, -1, RepeatManner.Greedy), next);
            default: return next;
        }
    }

    private int BuildRepeat(RepeatNode repeat, int next)
    {
        if (repeat.Most < 0)
        {
            var loop = Either(next, -1);
            var inner = Build(repeat.Part, loop);
            places[loop] = places[loop] with { Other = inner };
            next = loop;
        }
        else
        {
            var end = next;
            for (var i = repeat.Least; i < repeat.Most; i++) next = Either(Build(repeat.Part, next), end);
        }
        for (var i = 0; i < repeat.Least; i++) next = Build(repeat.Part, next);
        return next;
    }

    /// <summary>Octets that no set and no condition tells apart are one class.</summary>
    internal (byte[] ClassOf, int[] OctetOf) Classes()
    {
        var classOf = new int[256];
        var count = 1;
        foreach (var set in sets.Append(ByteSet.Word).Append(ByteSet.NewLine))
        {
            // Cuts each class in two where the set holds a part of it.
            var cut = new Dictionary<int, int>();
            var holds = new bool[count];
            var misses = new bool[count];
            for (var octet = 0; octet < 256; octet++) (set.Contains(octet) ? holds : misses)[classOf[octet]] = true;
            for (var octet = 0; octet < 256; octet++)
            {
                var old = classOf[octet];
                if (!set.Contains(octet) || old >= holds.Length || !holds[old] || !misses[old]) continue;
                if (!cut.TryGetValue(old, out var fresh)) cut.Add(old, fresh = count++);
                classOf[octet] = fresh;
            }
        }
        var octetOf = new int[count];
        for (var octet = 0; octet < 256; octet++) octetOf[classOf[octet]] = octet;
        return ([.. classOf.Select(number => (byte)number)], octetOf);
    }
}
