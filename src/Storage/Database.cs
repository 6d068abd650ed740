using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace Sternpost.Storage;

/// <summary>
/// The one database of a node: group commit for writers, pooled snapshots for readers. A write's task completes only when
/// the transaction that holds it is on stable storage; many concurrent writes share one fsync.
/// </summary>
public sealed class Database : IAsyncDisposable
{
    // 2026-01-01T00:00:00Z: ids count milliseconds from here, 41 bits of them, then 10 bits of process and 12 of sequence.
    private const long IdEpoch = 1767225600000;

    // Far longer than any message takes from its file to its row.
    private static readonly TimeSpan SweepGrace = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan SweepInterval = TimeSpan.FromHours(6);

    // Each database a process opens has another number than the last; where the counting begins is chance, so that other processes hardly have the same.
    private static int opened = Random.Shared.Next(1024);

    private readonly string connectionString;
    private readonly GroupCommit writer;
    private readonly ConcurrentBag<SqliteSql> readers = [];
    private readonly TimeProvider time;
    private readonly CancellationTokenSource ending = new();
    private readonly long process = Interlocked.Increment(ref opened) & 1023;
    private long lastId;
    private volatile bool disposed;
    private Task sweeping = Task.CompletedTask;

    private Database(string folder, string connectionString, GroupCommit writer, TimeProvider time)
    {
        Folder = folder;
        this.connectionString = connectionString;
        this.writer = writer;
        this.time = time;
        Blobs = new Blobs(this, new BlobFiles(Path.Combine(folder, "blobs")));
    }

    /// <summary>The data folder.</summary>
    public string Folder { get; }

    /// <summary>Message contents and other octets that many rows share.</summary>
    public Blobs Blobs { get; }

    /// <summary>Opens (creating and migrating forward where needed) the database in <paramref name="folder"/>.</summary>
    /// <exception cref="InvalidOperationException">The database was written by a newer release.</exception>
    public static Task<Database> OpenAsync(string folder, TimeProvider time, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        StableStorage.CreateFolder(folder);
        var file = Path.Combine(folder, "sternpost.db");
        var connectionString = new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadWriteCreate, Pooling = false }.ToString();
        var connection = Open(connectionString);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Schema.Migrate(connection, time);
        // SQLite syncs what it writes, but not the folder in which its two files are new names.
        StableStorage.SyncFolder(folder);
        var database = new Database(folder, connectionString, new GroupCommit(connection), time);
        database.sweeping = Task.Run(database.SweepAsync, CancellationToken.None);
        return Task.FromResult(database);
    }

    /// <summary>Runs <paramref name="work"/> on a consistent snapshot. The delegate must not write.</summary>
    public ValueTask<T> ReadAsync<T>(Func<Sql, T> work, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(disposed, this);
        if (!readers.TryTake(out var sql)) sql = new SqliteSql(Open(connectionString), writer: false);
        try
        {
            sql.Control("begin deferred");
            try
            {
                return ValueTask.FromResult(work(sql));
            }
            finally
            {
                sql.Control("commit");
            }
        }
        finally
        {
            if (disposed) sql.Dispose();
            else readers.Add(sql);
        }
    }

    /// <summary>
    /// Runs <paramref name="work"/> on the writer thread inside a shared transaction, in a savepoint of its own: an exception
    /// rolls back only this work and comes out of the task. Completes after commit and fsync. The delegate must be short and do no other I/O.
    /// </summary>
    public ValueTask<T> WriteAsync<T>(Func<Sql, T> work, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        return writer.WriteAsync(work, cancellation);
    }

    /// <summary>Writes a copy of the database as it is at one moment to a file that is not there yet. Nobody waits for it.</summary>
    internal async Task CopyAsync(string file, CancellationToken cancellation)
    {
        File.Delete(file);
        await using var connection = Open(connectionString);
        await using var stop = cancellation.Register(() => SQLitePCL.raw.sqlite3_interrupt(connection.Handle));
        try
        {
            await Task.Run(
                () =>
                {
                    using var copy = connection.CreateCommand();
                    copy.CommandText = "vacuum into @file";
                    copy.Parameters.AddWithValue("@file", file);
                    copy.ExecuteNonQuery();
                },
                CancellationToken.None).ConfigureAwait(false);
        }
        catch (SqliteException) when (cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellation);
        }
        using var written = new FileStream(file, FileMode.Open, FileAccess.ReadWrite);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        written.Flush(flushToDisk: true);
    }

    /// <summary>What the database engine finds wrong with its own file: pages, indexes, and rows that refer to what is not there. Reads all of it.</summary>
    public async Task<IReadOnlyList<string>> IntegrityAsync(CancellationToken cancellation)
    {
        await using var connection = Open(connectionString);
        await using var stop = cancellation.Register(() => SQLitePCL.raw.sqlite3_interrupt(connection.Handle));
        try
        {
            return await Task.Run(
                () =>
                {
                    var wrong = new List<string>();
                    using (var check = connection.CreateCommand())
                    {
                        check.CommandText = "pragma integrity_check(100)";
                        using var rows = check.ExecuteReader();
                        while (rows.Read())
                        {
                            if (rows.GetString(0) != "ok") wrong.Add(rows.GetString(0));
                        }
                    }
                    using var foreign = connection.CreateCommand();
                    foreign.CommandText = "pragma foreign_key_check";
                    using var broken = foreign.ExecuteReader();
                    while (broken.Read()) wrong.Add($"a row of {broken.GetString(0)} refers to a row of {broken.GetString(2)} that is not there");
                    return wrong;
                },
                CancellationToken.None).ConfigureAwait(false);
        }
        catch (SqliteException) when (cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellation);
        }
    }

    /// <summary>A number that is another than before where another process has committed in between. For polling.</summary>
    public ValueTask<long> ForeignVersionAsync(CancellationToken cancellation) =>
        // What the writing connection sees as foreign is what no other thread of this process has written.
        WriteAsync(sql => sql.First($"pragma data_version", row => row.GetInt64(0)), cancellation);

    /// <summary>A new time-ordered id, unique within this database and rising within this process.</summary>
    public long NextId()
    {
        while (true)
        {
            var last = Volatile.Read(ref lastId);
            var fresh = ((time.GetUtcNow().ToUnixTimeMilliseconds() - IdEpoch) << 22) | (process << 12);
            // A full sequence of one millisecond borrows from the next.
            var next = fresh > last ? fresh : (last & 0xfff) == 0xfff ? ((last >> 22) + 1 << 22) | (process << 12) : last + 1;
            if (Interlocked.CompareExchange(ref lastId, next, last) == last) return next;
        }
    }

    /// <summary>When an id was made, to the millisecond.</summary>
    public static DateTimeOffset TimeOf(long id) => DateTimeOffset.FromUnixTimeMilliseconds((id >> 22) + IdEpoch);

    /// <summary>An id that is above all ids made before a moment and below all made after it.</summary>
    public static long IdAt(DateTimeOffset moment) => Math.Max(0, moment.ToUnixTimeMilliseconds() - IdEpoch) << 22;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (disposed) return;
        disposed = true;
        await ending.CancelAsync().ConfigureAwait(false);
        await sweeping.ConfigureAwait(false);
        ending.Dispose();
        await writer.DisposeAsync().ConfigureAwait(false);
        while (readers.TryTake(out var reader)) reader.Dispose();
    }

    private static SqliteConnection Open(string connectionString)
    {
        var connection = new SqliteConnection(connectionString);
        connection.Open();
        using var pragmas = connection.CreateCommand();
        // WAL with synchronous=full: every commit is synced before it is answered. The log is folded in every 4,000 pages
        // (16 MB), which keeps that work rare without letting the log grow long for a crash to replay. A reader of an old snapshot
        // puts that off and lets it grow; once it could be folded in, what exceeds 64 MB is given back.
        pragmas.CommandText = """
            pragma busy_timeout = 10000;
            pragma journal_mode = wal;
            pragma synchronous = full;
            pragma wal_autocheckpoint = 4000;
            pragma journal_size_limit = 67108864;
            pragma cache_size = -16000;
            pragma mmap_size = 268435456;
            pragma temp_store = memory;
            """;
        pragmas.ExecuteNonQuery();
        return connection;
    }

    // In the background: what a crash or a refused message left takes room and harms nobody, so opening need not wait for a walk over all files.
    private async Task SweepAsync()
    {
        using var timer = new PeriodicTimer(SweepInterval, time);
        try
        {
            do await Blobs.SweepAsync(SweepGrace, ending.Token).ConfigureAwait(false);
            while (await timer.WaitForNextTickAsync(ending.Token).ConfigureAwait(false));
        }
        catch (Exception ended) when (ended is OperationCanceledException or ObjectDisposedException or ChannelClosedException)
        {
            // The database is closing.
        }
    }
}
