namespace Sternpost.Accounts;

/// <summary>
/// What this process remembers of rows that others change too. A change made by this process is seen by its next question; one made by
/// another process (the command line beside the server) within a second, because the rows are looked at no more often than that.
/// </summary>
/// <param name="look">Answers today's state, given the one before: the same where nothing has changed.</param>
/// <param name="time">The clock.</param>
// A semaphore whose wait handle is never asked for holds nothing to dispose.
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "See above.")]
internal sealed class WatchedState<T>(Func<T?, CancellationToken, ValueTask<T>> look, TimeProvider time) where T : class
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim looking = new(1, 1);
    private volatile Seen? seen;
    private long changes;

    // The moment is the monotonic clock's, so that a clock set back does not stop the looking.
    private sealed record Seen(T State, long Changes, long LookedAt);

    /// <summary>Called after a change of this process is durable.</summary>
    internal void Changed() => Interlocked.Increment(ref changes);

    internal async ValueTask<T> CurrentAsync(CancellationToken cancellation)
    {
        var known = seen;
        var upToDate = known is not null && known.Changes == Interlocked.Read(ref changes);
        if (upToDate && time.GetElapsedTime(known!.LookedAt) < LookEvery) return known.State;
        // A look that is merely due is one caller's work; the others go on with what is known.
        if (!await looking.WaitAsync(upToDate ? TimeSpan.Zero : Timeout.InfiniteTimeSpan, cancellation).ConfigureAwait(false)) return known!.State;
        try
        {
            return (seen = await LookAsync(seen, cancellation).ConfigureAwait(false)).State;
        }
        finally
        {
            looking.Release();
        }
    }

    private async ValueTask<Seen> LookAsync(Seen? known, CancellationToken cancellation)
    {
        // Read before the database is, so that a change made meanwhile is looked for again.
        var changesSeen = Interlocked.Read(ref changes);
        var now = time.GetTimestamp();
        if (known is not null && known.Changes == changesSeen && time.GetElapsedTime(known.LookedAt, now) < LookEvery) return known;
        return new Seen(await look(known?.State, cancellation).ConfigureAwait(false), changesSeen, now);
    }
}
