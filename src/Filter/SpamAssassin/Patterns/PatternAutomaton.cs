namespace Sternpost.Filter.SpamAssassin.Patterns;

/// <summary>
/// Looks for many patterns at once, anywhere in a text. Of a pattern that no automaton can have (<see cref="PatternLanguage"/>) it finds
/// every text that matches and some that do not.
/// </summary>
internal sealed class PatternAutomaton : LazyAutomaton
{
    /// <summary>Patterns one automaton may have.</summary>
    internal const int MostPatterns = 64;

    // 4 octets each: beyond them a state is more likely fetched from memory than from a cache.
    private const int MostCells = 1 << 18;

    private const int Stretch = 64;

    private readonly PatternStates nfa;
    // What comes before the octet in turn, by the class of that: the conditions of a pattern look at it.
    private readonly Before[] beforeOf;
    private readonly (int[] Places, int[] Owners)?[] begun;
    private readonly int classes;
    private readonly int[] octetOf;
    // Scratch of Next, which runs under a lock.
    private readonly int[] seen;
    private readonly Stack<int> waiting = new();
    private readonly bool onlyAtStart;
    private int round;

    private PatternAutomaton(PatternStates nfa, byte[] classOf, int[] octetOf, bool onlyAtStart)
        : base(classOf, octetOf.Length, MostCells)
    {
        this.nfa = nfa;
        this.onlyAtStart = onlyAtStart;
        this.octetOf = octetOf;
        classes = octetOf.Length;
        beforeOf = [.. octetOf.Select(octet => octet == '\n' ? Before.LineEnd : ByteSet.Word.Contains(octet) ? Before.Word : Before.Other)];
        begun = new (int[], int[])?[4 * (classes + 2)];
        seen = new int[nfa.Count];
    }

    /// <summary>An automaton for at most <see cref="MostPatterns"/> patterns.</summary>
    /// <returns>Null where they need more than <paramref name="mostPlaces"/>.</returns>
    internal static PatternAutomaton? Of(IEnumerable<PatternNode> patterns, int mostPlaces)
    {
        var nfa = new PatternStates(mostPlaces);
        var number = 0;
        var onlyAtStart = true;
        foreach (var root in patterns)
        {
            if (!nfa.TryAdd(root, number++)) return null;
            onlyAtStart &= PatternLanguage.IsOnlyAtStart(root);
        }
        var (classOf, octetOf) = nfa.Classes();
        return new PatternAutomaton(nfa, classOf, octetOf, onlyAtStart);
    }

    /// <summary>Looks for the patterns, and sets the bit of each that occurs in <paramref name="found"/>.</summary>
    /// <returns>False where the text leads to more new states than <paramref name="budget"/> allows; what was found until then is set.</returns>
    internal bool Find(ReadOnlySpan<byte> text, ref ulong found, RunBudget budget)
    {
        var table = TableFor(text.Length);
        var row = 0;
        // What can begin nowhere else is given up as soon as nothing is left of it.
        for (; onlyAtStart && text.Length > Stretch; text = text[Stretch..])
        {
            if (!Read(text[..Stretch], ref table, ref row, ref found, budget)) return false;
            if (table.States[row / Stride].Places.Length <= 1) return true;
        }
        var last = text.Length - 1;
        if (last >= 0 && text[last] == '\n') text = text[..last];
        else last = -1;
        return Read(text, ref table, ref row, ref found, budget)
            && (last < 0 || Finish(ref table, ref row, LastLineEnd, ref found, budget)) && Finish(ref table, ref row, EndOfText, ref found, budget);
    }

    private bool Read(ReadOnlySpan<byte> text, ref Table table, ref int from, ref ulong found, RunBudget budget)
    {
        var row = from;
        var classes = ClassOf;
        var cells = table.Cells;
        var reports = Reports;
        foreach (var octet in text)
        {
            var next = cells[row + classes[octet]];
            if (next < 0)
            {
                if (next == Unmade)
                {
                    if (!TryStep(ref table, ref row, classes[octet], budget, out next)) return false;
                    cells = table.Cells;
                }
                if (next < 0)
                {
                    next = ~next;
                    found |= (uint)cells[next + reports] | ((ulong)(uint)cells[next + reports + 1] << 32);
                }
            }
            row = next;
        }
        from = row;
        return true;
    }

    /// <summary>Where matches of the one pattern may end, at most as many as <paramref name="ends"/> holds.</summary>
    /// <returns>How many; -1 where there are more, or they cannot be found out.</returns>
    internal int FindEnds(ReadOnlySpan<byte> text, Span<int> ends, RunBudget budget)
    {
        var table = TableFor(text.Length);
        var (row, count) = (0, 0);
        for (var at = 0; at <= text.Length; at++)
        {
            var class_ = at == text.Length ? EndOfText : at == text.Length - 1 && text[at] == '\n' ? LastLineEnd : ClassOf[text[at]];
            var next = table.Cells[row + class_];
            if (next == Unmade && !TryStep(ref table, ref row, class_, budget, out next)) return -1;
            row = next < 0 ? ~next : next;
            if (next >= 0) continue;
            if (count == ends.Length) return -1;
            ends[count++] = at;
        }
        return count;
    }

    private bool Finish(ref Table table, ref int row, int class_, ref ulong found, RunBudget budget)
    {
        if (!TryStep(ref table, ref row, class_, budget, out var next)) return false;
        row = next < 0 ? ~next : next;
        if (next >= 0) return true;
        found |= (uint)table.Cells[row + Reports] | ((ulong)(uint)table.Cells[row + Reports + 1] << 32);
        return true;
    }

    protected override ulong ReportOf(int[] owners)
    {
        var bits = 0UL;
        foreach (var owner in owners) bits |= 1UL << owner;
        return bits;
    }

    protected override (int[] Places, int[] Owners) Next(State from, int class_)
    {
        // The first place of a state is what came before it.
        var before = from.Places.Length == 0 ? Before.Start : (Before)from.Places[0];
        var places = new List<int>();
        var owners = new List<int>();
        var (startPlaces, startOwners) = Begin(before, class_);
        var targets = new List<int>(startPlaces);
        owners.AddRange(startOwners);
        round++;
        for (var i = 1; i < from.Places.Length; i++) Reach(from.Places[i], before, class_, targets, owners);
        Settle(targets, places, owners);
        return Ordered(class_, places, owners);
    }

    private (int[] Places, int[] Owners) Ordered(int class_, List<int> places, List<int> owners)
    {
        var reported = owners.Distinct().Order().ToArray();
        if (class_ == EndOfText) return ([0], reported);
        places.Sort();
        places.Insert(0, (int)(class_ == LastLineEnd ? Before.LineEnd : beforeOf[class_]));
        return ([.. places], reported);
    }

    /// <summary>Patterns may begin anywhere: what they lead to, which does not depend on the state.</summary>
    private (int[] Places, int[] Owners) Begin(Before before, int class_)
    {
        ref var known = ref begun[((int)before * (classes + 2)) + class_];
        if (known is { } made) return made;
        var (targets, owners) = (new List<int>(), new List<int>());
        round++;
        foreach (var start in nfa.Starts) Reach(start, before, class_, targets, owners);
        known = made = ([.. targets], [.. owners]);
        return made;
    }

    /// <summary>Adds where an octet of the class leads from a place, through conditions that hold here, and the ends that are reached without it.</summary>
    private void Reach(int from, Before before, int class_, List<int> targets, List<int> owners)
    {
        waiting.Push(from);
        while (waiting.TryPop(out var at))
        {
            if (seen[at] == round) continue;
            seen[at] = round;
            ref readonly var place = ref nfa[at];
            switch (place.Kind)
            {
                case PlaceKind.Octet:
                    if (class_ < classes ? nfa.SetOf(place).Contains(octetOf[class_]) : class_ == LastLineEnd && nfa.SetOf(place).Contains('\n')) targets.Add(place.Next);
                    break;
                case PlaceKind.Either:
                    waiting.Push(place.Next);
                    if (place.Other >= 0) waiting.Push(place.Other);
                    break;
                case PlaceKind.End:
                    owners.Add(place.Next);
                    break;
                default:
                    if (Holds(place.Kind, before, class_)) waiting.Push(place.Next);
                    break;
            }
        }
    }

    /// <summary>What a state is made of: places that take an octet or depend on what follows, and ends already reached.</summary>
    private void Settle(List<int> targets, List<int> places, List<int> owners)
    {
        round++;
        foreach (var target in targets) waiting.Push(target);
        while (waiting.TryPop(out var at))
        {
            if (seen[at] == round) continue;
            seen[at] = round;
            ref readonly var place = ref nfa[at];
            switch (place.Kind)
            {
                case PlaceKind.Either:
                    waiting.Push(place.Next);
                    if (place.Other >= 0) waiting.Push(place.Other);
                    break;
                case PlaceKind.End:
                    owners.Add(place.Next);
                    break;
                default:
                    places.Add(at);
                    break;
            }
        }
    }

    private bool Holds(PlaceKind condition, Before before, int class_)
    {
        var atEnd = class_ == EndOfText;
        var lineEnd = class_ == LastLineEnd || (class_ < classes && octetOf[class_] == '\n');
        var wordNext = class_ < classes && beforeOf[class_] == Before.Word;
        return condition switch
        {
            PlaceKind.TextStart => before == Before.Start,
            PlaceKind.LineStart => before is Before.Start or Before.LineEnd,
            PlaceKind.TextEnd => atEnd,
            PlaceKind.LastLineEnd => atEnd || class_ == LastLineEnd,
            PlaceKind.LineEnd => atEnd || lineEnd,
            PlaceKind.WordEdge => (before == Before.Word) != wordNext,
            PlaceKind.NoWordEdge => (before == Before.Word) == wordNext,
            _ => true,
        };
    }

    private enum Before
    {
        Start,
        LineEnd,
        Word,
        Other,
    }
}
