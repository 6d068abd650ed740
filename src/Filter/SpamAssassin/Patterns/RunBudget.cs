using System.Diagnostics;

namespace Sternpost.Filter.SpamAssassin.Patterns;

/// <summary>The time one message's rules may take together. When it is used up the remaining rules do not run, and the message is judged by what was found.</summary>
/// <param name="whole">How long; two seconds unless said otherwise.</param>
internal sealed class RunBudget(TimeSpan? whole = null)
{
    // Usual messages need a thousandth of this. It is time and not work, so it must bear a machine that is busy with other things.
    private readonly TimeSpan limit = whole ?? TimeSpan.FromSeconds(2);

    // What the first messages after a start need together for all rules; a message that needs more was made for that.
    private const int MostStates = 100_000;

    private int states;
    private long start = Stopwatch.GetTimestamp();

    /// <summary>Matches that were broken off.</summary>
    internal int TimedOut { get; set; }

    /// <summary>True once the time is used up.</summary>
    internal bool Exhausted { get; private set; }

    /// <summary>Does not count the time since <paramref name="begun"/>: what is made once for all messages is no message's fault.</summary>
    internal void Excuse(long begun) => start += Stopwatch.GetTimestamp() - begun;

    /// <summary>True where one more state of an automaton may be made, which takes some microseconds.</summary>
    internal bool AllowsState() => ++states <= MostStates && ((states & 63) != 0 || Allows());

    /// <summary>True where there is time left.</summary>
    internal bool Allows()
    {
        if (!Exhausted && Stopwatch.GetElapsedTime(start) > limit) Exhausted = true;
        return !Exhausted;
    }
}
