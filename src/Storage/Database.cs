namespace Sternpost.Storage;

/// <summary>
/// The one database of a node: group commit for writers, pooled snapshots for readers. A write's task completes only when
/// the transaction that holds it is on stable storage; many concurrent writes share one fsync.
/// </summary>
public sealed class Database : IAsyncDisposable
{
    /// <summary>Opens (creating and migrating forward where needed) the database in <paramref name="folder"/>.</summary>
    public static Task<Database> OpenAsync(string folder, TimeProvider time, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Runs <paramref name="work"/> on a consistent snapshot. The delegate must not write.</summary>
    public ValueTask<T> ReadAsync<T>(Func<Sql, T> work, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>
    /// Runs <paramref name="work"/> on the writer thread inside a shared transaction, in a savepoint of its own: an exception
    /// rolls back only this work and comes out of the task. Completes after commit and fsync. The delegate must be short and do no other I/O.
    /// </summary>
    public ValueTask<T> WriteAsync<T>(Func<Sql, T> work, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>A new time-ordered id, unique within this database and rising within this process.</summary>
    public long NextId() => throw new NotImplementedException();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
