using Sternpost.Storage;

namespace Sternpost.Accounts;

/// <summary>
/// The current snapshot. A change made by this process is seen by its next lookup; one made by another process (the command line
/// beside the server) within a second, because the version is looked at no more often than that.
/// </summary>
// A semaphore whose wait handle is never asked for holds nothing to dispose.
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "See above.")]
internal sealed class DirectoryCache(Database database, TimeProvider time)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim loading = new(1, 1);
    private volatile State? state;
    private long changes;

    // The moment is the monotonic clock's, so that a clock set back does not stop the looking.
    private sealed record State(DirectorySnapshot Snapshot, long Changes, long LookedAt);

    /// <summary>Called after a change of this process is durable.</summary>
    internal void Changed() => Interlocked.Increment(ref changes);

    internal async ValueTask<DirectorySnapshot> CurrentAsync(CancellationToken cancellation)
    {
        var known = state;
        var upToDate = known is not null && known.Changes == Interlocked.Read(ref changes);
        if (upToDate && time.GetElapsedTime(known!.LookedAt) < LookEvery) return known.Snapshot;
        // A look that is merely due is one caller's work; the others go on with what is known.
        if (!await loading.WaitAsync(upToDate ? TimeSpan.Zero : Timeout.InfiniteTimeSpan, cancellation).ConfigureAwait(false)) return known!.Snapshot;
        try
        {
            return (state = await LookAsync(state, cancellation).ConfigureAwait(false)).Snapshot;
        }
        finally
        {
            loading.Release();
        }
    }

    private async ValueTask<State> LookAsync(State? known, CancellationToken cancellation)
    {
        // Read before the database is, so that a change made meanwhile is looked for again.
        var changesSeen = Interlocked.Read(ref changes);
        var now = time.GetTimestamp();
        if (known is not null && known.Changes == changesSeen && time.GetElapsedTime(known.LookedAt, now) < LookEvery) return known;
        var snapshot = await database.ReadAsync(
            sql => known is not null && DirectorySnapshot.ReadVersion(sql) == known.Snapshot.Version ? known.Snapshot : DirectorySnapshot.Read(sql, now),
            cancellation).ConfigureAwait(false);
        return new State(snapshot, changesSeen, now);
    }
}
