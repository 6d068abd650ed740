using System.Runtime.InteropServices;

namespace Sternpost.Filter.SpamAssassin.Patterns;

/// <summary>
/// A deterministic automaton of which the states that real text leads to are made when first met and kept: after some messages a text
/// costs one step an octet, however many patterns there are. Safe for any number of threads.
/// </summary>
internal abstract class LazyAutomaton
{
    /// <summary>A cell whose step was not made yet. Of others, a negative one holds the complement of a row that has something to report.</summary>
    protected const int Unmade = -1;

    private const int MostPlaces = 1 << 19;
    // An automaton may need so many steps to be made before it is asked whether it ever stops needing them,
    private const int FreeSteps = 1 << 14;
    // and from then on so many octets for each: making a step takes a thousand times what taking it does.
    private const int OctetsForStep = 100;

    private readonly byte[] classOf;
    private readonly int mostCells;
    private readonly Lock making = new();
    private volatile Table current;
    private long octets;
    private int made;

    protected LazyAutomaton(byte[] classOf, int classes, int mostCells)
    {
        this.classOf = classOf;
        this.mostCells = mostCells;
        Stride = classes + 4;
        EndOfText = classes;
        LastLineEnd = classes + 1;
        current = new Table(Stride);
    }

    /// <summary>Cells of a row: one for each class of octets and of the ends, and two for what the state reports.</summary>
    protected int Stride { get; }

    /// <summary>The class of the end of the text.</summary>
    protected int EndOfText { get; }

    /// <summary>The class of a line end that is the text's last octet.</summary>
    protected int LastLineEnd { get; }

    /// <summary>Where in its row a state has what it reports.</summary>
    protected int Reports => LastLineEnd + 1;

    /// <summary>Classes of octets.</summary>
    protected byte[] ClassOf => classOf;

    /// <summary>True once the automaton was found to need ever new states: its patterns are better looked for apart.</summary>
    internal bool IsTooLarge { get; private set; }

    /// <summary>The table to read a text of that length with.</summary>
    protected Table TableFor(int length)
    {
        // Threads may overwrite each other's sum; it is an estimate.
        octets += length;
        return current;
    }

    /// <summary>The step from a row by a class, made now where it was not yet; the table and the row may be others afterwards.</summary>
    /// <returns>False where the message has made too many.</returns>
    protected bool TryStep(ref Table table, ref int row, int class_, RunBudget budget, out int next)
    {
        next = Volatile.Read(ref table.Cells[row + class_]);
        if (next != Unmade) return true;
        if (!budget.AllowsState()) return false;
        lock (making)
        {
            var from = table.States[row / Stride];
            if (table.Count * Stride >= mostCells || table.PlacesKept > MostPlaces)
            {
                // All are thrown away together, and this text goes on from a copy of the state it is in.
                if (table == current) current = new Table(Stride);
                table = current;
                row = table.Add(table.Known(from.Places, from.Owners) ?? new State(from.Places, from.Owners, from.Reports));
            }
            next = table.Cells[row + class_];
            if (next != Unmade) return true;
            if (++made > FreeSteps)
            {
                if (octets < (long)FreeSteps / 2 * OctetsForStep) IsTooLarge = true;
                (made, octets) = (FreeSteps / 2, 0);
            }
            var (places, owners) = Next(from, class_);
            var state = table.Known(places, owners) ?? new State(places, owners, ReportOf(owners));
            var at = table.Add(state);
            next = state.Owners.Length > 0 ? ~at : at;
            Volatile.Write(ref table.Cells[row + class_], next);
            return true;
        }
    }

    /// <summary>The places and owners that a class of octets leads to.</summary>
    protected abstract (int[] Places, int[] Owners) Next(State from, int class_);

    /// <summary>What a state with these owners has in its row to report them by.</summary>
    protected abstract ulong ReportOf(int[] owners);

    /// <summary>One state: where in the patterns the text may be, and whose ends it just reached.</summary>
    protected sealed class State(int[] places, int[] owners, ulong reports)
    {
        internal int[] Places { get; } = places;

        internal int[] Owners { get; } = owners;

        internal ulong Reports { get; } = reports;

        internal int Row { get; set; } = -1;
    }

    /// <summary>The states made so far. Arrays are replaced by larger ones, and a reader that still has the old ones finds in them all that their cells can point to.</summary>
    protected sealed class Table
    {
        private readonly int stride;
        private readonly Dictionary<State, State> known = new(new SamePlaces());

        internal Table(int stride)
        {
            this.stride = stride;
            States = new State[8];
            Cells = new int[8 * stride];
            Array.Fill(Cells, Unmade);
            Add(new State([], [], 0));
        }

        internal int Count { get; private set; }

        internal int PlacesKept { get; private set; }

        internal int[] Cells { get; private set; }

        internal State[] States { get; private set; }

        internal State? Known(int[] places, int[] owners) => known.GetValueOrDefault(new State(places, owners, 0));

        /// <summary>Where the state's row begins.</summary>
        internal int Add(State state)
        {
            if (state.Row >= 0) return state.Row;
            if (Count == States.Length) Grow();
            state.Row = Count * stride;
            Cells[state.Row + stride - 2] = (int)state.Reports;
            Cells[state.Row + stride - 1] = (int)(state.Reports >> 32);
            States[Count++] = state;
            known.Add(state, state);
            PlacesKept += state.Places.Length + state.Owners.Length;
            return state.Row;
        }

        private void Grow()
        {
            var states = new State[Count * 2];
            States.CopyTo(states, 0);
            var cells = new int[Count * 2 * stride];
            Cells.CopyTo(cells, 0);
            Array.Fill(cells, Unmade, Count * stride, Count * stride);
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
