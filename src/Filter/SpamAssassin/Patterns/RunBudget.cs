using System.Diagnostics;

namespace Sternpost.Filter.SpamAssassin.Patterns;

/// <summary>
/// The processor time one message's rules may take together, all on one thread. When it is used up the remaining rules do not run, and the
/// message is judged by what was found.
/// </summary>
/// <param name="whole">How long; two seconds unless said otherwise.</param>
internal sealed class RunBudget(TimeSpan? whole = null)
{
    // Usual messages need a thousandth of this.
    private readonly TimeSpan limit = whole ?? TimeSpan.FromSeconds(2);
    private readonly long begun = Stopwatch.GetTimestamp();

    // What the first messages after a start need together for all rules; a message that needs more was made for that.
    private const int MostStates = 100_000;

    private int states;
    private TimeSpan start = ThreadTime.Now;

    /// <summary>Matches that were broken off.</summary>
    internal int TimedOut { get; set; }

    /// <summary>True once the time is used up.</summary>
    internal bool Exhausted { get; private set; }

    /// <summary>Does not count what was used since <paramref name="since"/>, a <see cref="ThreadTime"/>: what is made once for all messages is no message's fault.</summary>
    internal void Excuse(TimeSpan since) => start += ThreadTime.Now - since;

    /// <summary>True where one more state of an automaton may be made, which takes some microseconds.</summary>
    internal bool AllowsState() => ++states <= MostStates && ((states & 63) != 0 || Allows());

    /// <summary>True where there is time left.</summary>
    internal bool Allows()
    {
        // The thread can have used no more than has passed, and to ask how much has passed costs next to nothing.
        if (!Exhausted && Stopwatch.GetElapsedTime(begun) > limit && ThreadTime.Now - start > limit) Exhausted = true;
        return !Exhausted;
    }
}
