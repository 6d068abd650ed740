using System.Runtime.CompilerServices;

namespace Sternpost.Filter.SpamAssassin.Patterns;

/// <summary>
/// Finds which of thousands of literals occur in a text, ASCII letters without case: a tree of their octets, with the step of each place
/// of it worked out when first needed (Aho and Corasick, 1975).
/// </summary>
internal sealed class LiteralAutomaton : LazyAutomaton
{
    private const int MostCells = 1 << 20;

    private readonly List<Node> nodes;

    // Child and Sibling: the tree. Fallback: the longest other literal begun that the text also is within. Reports: owners of what ends here.
    private record struct Node(byte Class, int Child, int Sibling, int Fallback, int[] Reports);

    private LiteralAutomaton(List<Node> nodes, byte[] classOf, int classes)
        : base(classOf, classes, MostCells)
    {
        this.nodes = nodes;
        LinkFallbacks();
    }

    /// <summary>An automaton for lower-case literals (as <see cref="ByteText"/>), each with a number to report.</summary>
    internal static LiteralAutomaton Of(IReadOnlyCollection<(string Literal, int Owner)> literals)
    {
        var classOf = new byte[256];
        var classes = 1;
        foreach (var (literal, _) in literals)
        {
            foreach (var c in literal)
            {
                ref var number = ref classOf[ByteText.Octet(c)];
                if (number == 0) number = (byte)Math.Min(classes++, 255);
            }
        }
        for (var letter = 'A'; letter <= 'Z'; letter++) classOf[letter] = classOf[letter | 0x20];
        var nodes = new List<Node> { new(0, -1, -1, 0, []) };
        foreach (var (literal, owner) in literals) Plant(nodes, literal, owner, classOf);
        return new LiteralAutomaton(nodes, classOf, classes);
    }

    private static void Plant(List<Node> nodes, string literal, int owner, byte[] classOf)
    {
        var at = 0;
        foreach (var c in literal)
        {
            var class_ = classOf[ByteText.Octet(c)];
            var child = ChildOf(nodes, at, class_);
            if (child < 0)
            {
                child = nodes.Count;
                nodes.Add(new Node(class_, -1, nodes[at].Child, 0, []));
                nodes[at] = nodes[at] with { Child = child };
            }
            at = child;
        }
        if (!nodes[at].Reports.Contains(owner)) nodes[at] = nodes[at] with { Reports = [.. nodes[at].Reports, owner] };
    }

    private static int ChildOf(List<Node> nodes, int at, int class_)
    {
        for (var child = nodes[at].Child; child >= 0; child = nodes[child].Sibling)
        {
            if (nodes[child].Class == class_) return child;
        }
        return -1;
    }

    // Breadth first, so that what a place falls back to is linked before it.
    private void LinkFallbacks()
    {
        var waiting = new Queue<int>();
        waiting.Enqueue(0);
        while (waiting.TryDequeue(out var at))
        {
            for (var child = nodes[at].Child; child >= 0; child = nodes[child].Sibling)
            {
                var fallback = at == 0 ? 0 : Step(nodes[at].Fallback, nodes[child].Class);
                var reports = nodes[fallback].Reports.Length == 0 ? nodes[child].Reports : [.. nodes[child].Reports.Union(nodes[fallback].Reports)];
                nodes[child] = nodes[child] with { Fallback = fallback, Reports = reports };
                waiting.Enqueue(child);
            }
        }
    }

    private int Step(int at, int class_)
    {
        while (true)
        {
            var child = ChildOf(nodes, at, class_);
            if (child >= 0) return child;
            if (at == 0) return 0;
            at = nodes[at].Fallback;
        }
    }

    /// <summary>Sets the bits of the owners of which a literal occurs.</summary>
    /// <returns>False where the text leads to more new states than <paramref name="budget"/> allows; what was found until then is set.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal bool Find(ReadOnlySpan<byte> text, Span<ulong> found, RunBudget budget)
    {
        var table = TableFor(text.Length);
        var row = 0;
        var classes = ClassOf;
        var cells = table.Cells;
        foreach (var octet in text)
        {
            var next = cells[row + classes[octet]];
            if (next < 0)
            {
                if (next == Unmade && !TryStep(ref table, ref row, classes[octet], budget, out next)) return false;
                cells = table.Cells;
                if (next < 0)
                {
                    next = ~next;
                    foreach (var owner in nodes[cells[next + Reports]].Reports) found[owner >> 6] |= 1UL << (owner & 63);
                }
            }
            row = next;
        }
        return true;
    }

    protected override ulong ReportOf(int[] owners) => owners.Length == 0 ? 0 : (ulong)owners[0];

    protected override (int[] Places, int[] Owners) Next(State from, int class_)
    {
        var at = Step(from.Places.Length == 0 ? 0 : from.Places[0], class_);
        // What is reported is the place: it knows its owners.
        return (at == 0 ? [] : [at], nodes[at].Reports.Length == 0 ? [] : [at]);
    }
}
