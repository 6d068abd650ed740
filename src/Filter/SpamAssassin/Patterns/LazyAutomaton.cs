using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sternpost.Filter.SpamAssassin.Patterns;

/// <summary>
/// A deterministic automaton of which the states that real text leads to are made when first met and kept: after some messages a text
/// costs one step an octet, however many patterns there are. Safe for any number of threads.
/// </summary>
internal abstract class LazyAutomaton
{
    // 4 octets each: beyond them a state is more likely fetched from memory than from a cache.
    private const int MostCells = 1 << 18;
    private const int MostPlaces = 1 << 19;
    private const int Unmade = -1;
    // Making a state takes some thousand times what a step takes; a full table that served for less was not worth it.
    private const int FewestOctets = 200;

    private readonly byte[] classOf;
    // Classes of octets, the end of the text, and the line end that is the last octet.
    private readonly int stride;
    private readonly Lock making = new();
    private volatile Table current;
    private long octetsRead;

    protected LazyAutomaton(byte[] classOf, int classes)
    {
        this.classOf = classOf;
        stride = classes + 2;
        EndOfText = classes;
        LastLineEnd = classes + 1;
        current = new Table(stride);
    }

    /// <summary>The class of the end of the text.</summary>
    protected int EndOfText { get; }

    /// <summary>The class of a line end that is the text's last octet.</summary>
    protected int LastLineEnd { get; }

    /// <summary>True once the automaton was found to need ever new states: its patterns are better looked for one by one.</summary>
    internal bool IsTooLarge { get; private set; }

    /// <summary>Sets the bits of the owners whose patterns occur.</summary>
    /// <returns>False where the text leads to more new states than <paramref name="budget"/> allows; what was found until then is set.</returns>
    internal bool Find(ReadOnlySpan<byte> text, Span<ulong> found, RunBudget budget, bool onlyFirst = false)
    {
        var table = current;
        var row = 0;
        // Threads may overwrite each other's sum; it is an estimate.
        octetsRead += text.Length;
        var last = text.Length - 1;
        if (last >= 0 && text[last] == '\n') text = text[..last];
        else last = -1;
        ref var classes = ref MemoryMarshal.GetArrayDataReference(classOf);
        // Rows and classes come of this class alone and are within the table, so the inner loop does without checks.
        ref var cell = ref MemoryMarshal.GetArrayDataReference(table.Cells);
        for (var i = 0; i < text.Length; i++)
        {
            var next = Unsafe.Add(ref cell, row + Unsafe.Add(ref classes, text[i]));
            if (next < 0)
            {
                if (!Slow(ref table, ref row, Unsafe.Add(ref classes, text[i]), found, budget)) return false;
                if (onlyFirst && found[0] != 0) return true;
                cell = ref MemoryMarshal.GetArrayDataReference(table.Cells);
            }
            else row = next;
        }
        if (last >= 0 && !Slow(ref table, ref row, LastLineEnd, found, budget)) return false;
        return Slow(ref table, ref row, EndOfText, found, budget);
    }

    /// <summary>A step that has to be made, or to a state that has something to report.</summary>
    private bool Slow(ref Table table, ref int row, int class_, Span<ulong> found, RunBudget budget)
    {
        var next = Volatile.Read(ref table.Cells[row + class_]);
        if (next == Unmade && !TryMake(ref table, ref row, class_, budget, out next)) return false;
        row = next < 0 ? ~next : next;
        if (next >= 0) return true;
        foreach (var owner in table.States[row / stride].Owners) found[owner >> 6] |= 1UL << (owner & 63);
        return true;
    }

    private bool TryMake(ref Table table, ref int row, int class_, RunBudget budget, out int next)
    {
        next = Unmade;
        if (!budget.AllowsState()) return false;
        lock (making)
        {
            var from = table.States[row / stride];
            if (table.IsFull)
            {
                // All are thrown away together, and this text goes on from a copy of the state it is in.
                if (table == current) Empty();
                table = current;
                row = table.Add(table.Known(from.Places, from.Owners) ?? new State(from.Places, from.Owners));
            }
            next = Volatile.Read(ref table.Cells[row + class_]);
            if (next != Unmade) return true;
            var (places, owners) = Next(from, class_);
            var state = table.Known(places, owners) ?? new State(places, owners);
            var at = table.Add(state);
            next = state.Owners.Length > 0 ? ~at : at;
            Volatile.Write(ref table.Cells[row + class_], next);
            return true;
        }
    }

    private void Empty()
    {
        if (octetsRead < (long)FewestOctets * current.Count) IsTooLarge = true;
        octetsRead = 0;
        current = new Table(stride);
    }

    /// <summary>The places and owners that a class of octets leads to.</summary>
    protected abstract (int[] Places, int[] Owners) Next(State from, int class_);

    /// <summary>One state: where in the patterns the text may be, and whose ends it just reached.</summary>
    protected sealed class State(int[] places, int[] owners)
    {
        internal int[] Places { get; } = places;

        internal int[] Owners { get; } = owners;

        internal int Row { get; set; } = -1;
    }

    private sealed class Table
    {
        private readonly int stride;
        private readonly Dictionary<State, State> known = new(new SamePlaces());
        private int placesKept;

        internal Table(int stride)
        {
            this.stride = stride;
            States = new State[8];
            Cells = new int[8 * stride];
            Array.Fill(Cells, Unmade);
            Add(new State([], []));
        }

        internal int Count { get; private set; }

        internal int[] Cells { get; private set; }

        internal State[] States { get; private set; }

        internal bool IsFull => (Count + 1) * stride > MostCells || placesKept > MostPlaces;

        internal State? Known(int[] places, int[] owners) => known.GetValueOrDefault(new State(places, owners));

        /// <summary>Where the state's row begins.</summary>
        internal int Add(State state)
        {
            if (state.Row >= 0) return state.Row;
            if (Count == States.Length) Grow();
            state.Row = Count * stride;
            States[Count++] = state;
            known.Add(state, state);
            placesKept += state.Places.Length + state.Owners.Length;
            return state.Row;
        }

        private void Grow()
        {
            var states = new State[Count * 2];
            States.CopyTo(states, 0);
            var cells = new int[Count * 2 * stride];
            Cells.CopyTo(cells, 0);
            Array.Fill(cells, Unmade, Count * stride, Count * stride);
            // A reader that still has the old arrays finds in them all that its cells can point to.
            States = states;
            Cells = cells;
        }
    }

    private sealed class SamePlaces : IEqualityComparer<State>
    {
        public bool Equals(State? x, State? y) => x!.Places.AsSpan().SequenceEqual(y!.Places) && x.Owners.AsSpan().SequenceEqual(y.Owners);

        public int GetHashCode(State state)
        {
            var hash = new HashCode();
            hash.AddBytes(MemoryMarshal.AsBytes(state.Places.AsSpan()));
            hash.AddBytes(MemoryMarshal.AsBytes(state.Owners.AsSpan()));
            return hash.ToHashCode();
        }
    }
}
