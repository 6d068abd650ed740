namespace Sternpost.Filter.SpamAssassin.Patterns;

/// <summary>
/// Looks for the windows of many patterns at once. A non-deterministic automaton, of which the deterministic states that real text
/// leads to are made when first met and kept: after some messages a text costs one step an octet, however many patterns there are.
/// Safe for any number of threads.
/// </summary>
internal sealed class WindowAutomaton
{
    private const int MostKept = 6000;
    private const int MostMadeForOneText = 3000;
    private const int MostCounted = 256;
    private const int LongestText = 1 << 30;

    private readonly List<Node> nodes = [];
    private readonly Lock making = new();
    private readonly byte[] classOf = new byte[256];
    private readonly int classes;
    private readonly int[][] afterStart;
    private readonly byte[] octetOfClass;
    private readonly Dictionary<int, Counted> counted = [];
    private volatile Kept kept;

    // A window that must occur several times: its place among such, how often, and how far its ends are apart at least.
    private readonly record struct Counted(int Slot, int Times, int Apart);

    // Kind: an octet of a set; either of two; the end of a window.
    private readonly record struct Node(ByteSet Set, int Next, int Other, int Owner);

    private sealed class State(int[] places, int[] owners, int classes)
    {
        internal int[] Places { get; } = places;

        internal int[] Owners { get; } = owners;

        internal State?[] Next { get; } = new State?[classes];
    }

    /// <summary>The states made so far, thrown away together when they are too many.</summary>
    private sealed class Kept(int classes)
    {
        internal State Start { get; } = new([], [], classes);

        internal Dictionary<string, State> All { get; } = new(StringComparer.Ordinal);
    }

    internal WindowAutomaton(IReadOnlyList<(MatchWindow Window, int Owner)> windows)
    {
        var starts = new List<int>(windows.Count);
        foreach (var (window, owner) in windows)
        {
            starts.Add(Build(window.Node, Add(new Node(ByteSet.None, -1, -1, owner))));
            if (window.Times > 1) counted.Add(owner, new Counted(counted.Count, window.Times, Math.Max(1, RequiredText.Of(window.Node).Shortest)));
        }
        (classes, octetOfClass) = MakeClasses();
        afterStart = new int[classes][];
        var first = new SortedSet<int>();
        foreach (var start in starts) Close(start, first, null);
        for (var i = 0; i < classes; i++) afterStart[i] = [.. first.Where(place => nodes[place].Set.Contains(octetOfClass[i])).Select(place => nodes[place].Next).Distinct()];
        kept = new Kept(classes);
    }

    /// <summary>Sets the bits of the owners of which a window occurs; all of <paramref name="everyone"/> where the text leads to too many new states.</summary>
    internal void Find(ReadOnlySpan<byte> lower, ulong[] found, ReadOnlySpan<ulong> everyone)
    {
        var made = 0;
        Span<int> counts = stackalloc int[Math.Min(counted.Count, MostCounted)];
        Span<int> ends = stackalloc int[counts.Length];
        counts.Clear();
        ends.Fill(-LongestText);
        var state = kept.Start;
        for (var at = 0; at < lower.Length; at++)
        {
            var octet = lower[at];
            var next = state.Next[classOf[octet]];
            if (next is null)
            {
                if (++made > MostMadeForOneText)
                {
                    for (var word = 0; word < everyone.Length; word++) found[word] |= everyone[word];
                    return;
                }
                next = Make(state, classOf[octet]);
            }
            state = next;
            foreach (var owner in state.Owners)
            {
                if (IsEnough(owner, at, counts, ends)) found[owner >> 6] |= 1UL << (owner & 63);
            }
        }
    }

    private bool IsEnough(int owner, int at, Span<int> counts, Span<int> ends)
    {
        if (counted.Count == 0 || !counted.TryGetValue(owner, out var window) || window.Slot >= counts.Length) return true;
        // Taking the earliest end each time finds as many as there are.
        if (at - ends[window.Slot] < window.Apart) return false;
        ends[window.Slot] = at;
        return ++counts[window.Slot] >= window.Times;
    }

    private State Make(State from, int class_)
    {
        var places = new SortedSet<int>();
        var owners = new SortedSet<int>();
        foreach (var next in afterStart[class_]) Close(next, places, owners);
        foreach (var place in from.Places)
        {
            if (nodes[place].Set.Contains(octetOfClass[class_])) Close(nodes[place].Next, places, owners);
        }
        var key = string.Create((places.Count + owners.Count + 1) * 2, (places, owners), static (text, sets) =>
        {
            var at = 0;
            foreach (var place in sets.places)
            {
                text[at++] = (char)place;
                text[at++] = (char)(place >> 16);
            }
            text[at++] = text[at++] = '\uFFFF';
            foreach (var owner in sets.owners)
            {
                text[at++] = (char)owner;
                text[at++] = (char)(owner >> 16);
            }
        });
        lock (making)
        {
            var current = kept;
            if (!current.All.TryGetValue(key, out var state))
            {
                if (current.All.Count >= MostKept) kept = current = new Kept(classes);
                current.All.Add(key, state = new State([.. places], [.. owners], classes));
            }
            from.Next[class_] = state;
            return state;
        }
    }

    /// <summary>What is reached without an octet: places that take one, and ends of windows.</summary>
    private void Close(int node, SortedSet<int> places, SortedSet<int>? owners)
    {
        var waiting = new Stack<int>();
        var seen = new HashSet<int>();
        waiting.Push(node);
        while (waiting.TryPop(out var at))
        {
            if (!seen.Add(at)) continue;
            var reached = nodes[at];
            if (reached.Owner >= 0) owners?.Add(reached.Owner);
            else if (reached.Set != ByteSet.None) places.Add(at);
            else
            {
                if (reached.Next >= 0) waiting.Push(reached.Next);
                if (reached.Other >= 0) waiting.Push(reached.Other);
            }
        }
    }

    private int Add(Node node)
    {
        nodes.Add(node);
        return nodes.Count - 1;
    }

    /// <summary>Adds the nodes of a piece that goes on at <paramref name="next"/>; answers where it begins.</summary>
    private int Build(PatternNode node, int next)
    {
        switch (node)
        {
            case OctetNode octet: return Add(new Node(Lower(octet.Set), next, -1, -1));
            case SequenceNode sequence:
                for (var i = sequence.Parts.Count - 1; i >= 0; i--) next = Build(sequence.Parts[i], next);
                return next;
            case AlternationNode alternation:
                var begin = Build(alternation.Branches[^1], next);
                for (var i = alternation.Branches.Count - 2; i >= 0; i--) begin = Either(Build(alternation.Branches[i], next), begin);
                return begin;
            case RepeatNode repeat: return BuildRepeat(repeat, next);
            default: return next;
        }
    }

    private int Either(int a, int b) => Add(new Node(ByteSet.None, a, b, -1));

    private int BuildRepeat(RepeatNode repeat, int next)
    {
        if (repeat.Most < 0)
        {
            var loop = Either(-1, next);
            var inner = Build(repeat.Part, loop);
            nodes[loop] = nodes[loop] with { Next = inner };
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

    private static ByteSet Lower(ByteSet set)
    {
        var lower = set.BothCases() & ~ByteSet.Range('A', 'Z');
        return lower == ByteSet.None ? set : lower;
    }

    /// <summary>Octets that no set tells apart are one class.</summary>
    private (int Count, byte[] Octets) MakeClasses()
    {
        var sets = nodes.Select(node => node.Set).Where(set => set != ByteSet.None).Distinct().ToList();
        var known = new Dictionary<string, byte>(StringComparer.Ordinal);
        var octets = new List<byte>();
        for (var octet = 0; octet < 256; octet++)
        {
            var signature = string.Create(sets.Count, (sets, octet), static (text, given) =>
            {
                for (var i = 0; i < text.Length; i++) text[i] = given.sets[i].Contains(given.octet) ? '1' : '0';
            });
            if (!known.TryGetValue(signature, out var number))
            {
                known.Add(signature, number = (byte)octets.Count);
                octets.Add((byte)octet);
            }
            classOf[octet] = number;
        }
        return (octets.Count, [.. octets]);
    }
}
