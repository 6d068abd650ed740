using Sternpost.Storage;

namespace Sternpost.Accounts;

/// <summary>The current snapshot of the directory, as current as <see cref="WatchedState{T}"/> says.</summary>
internal sealed class DirectoryCache
{
    private readonly WatchedState<DirectorySnapshot> state;

    internal DirectoryCache(Database database, TimeProvider time) => state = new(
        (known, cancellation) =>
        {
            var now = time.GetTimestamp();
            return database.ReadAsync(sql => known is not null && DirectorySnapshot.ReadVersion(sql) == known.Version ? known : DirectorySnapshot.Read(sql, now), cancellation);
        },
        time);

    /// <summary>Called after a change of this process is durable.</summary>
    internal void Changed() => state.Changed();

    internal ValueTask<DirectorySnapshot> CurrentAsync(CancellationToken cancellation) => state.CurrentAsync(cancellation);
}
