using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace Sternpost.Storage;

/// <summary>
/// The writer: one thread, one connection. It takes every work that waits, runs each in a savepoint of one transaction,
/// commits once (one fsync) and only then completes them. Throughput grows with concurrency; latency stays one commit.
/// </summary>
internal sealed class GroupCommit : IAsyncDisposable
{
    // Bounds how long an early work of a group waits for a late one.
    private const int MaxGroup = 256;

    private readonly Channel<IWork> waiting = Channel.CreateBounded<IWork>(new BoundedChannelOptions(4096) { SingleReader = true });
    private readonly SqliteSql sql;
    private readonly Thread thread;
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal GroupCommit(SqliteConnection connection)
    {
        sql = new SqliteSql(connection, writer: true);
        thread = new Thread(Run) { IsBackground = true, Name = "group commit" };
        thread.Start();
    }

    internal async ValueTask<T> WriteAsync<T>(Func<Sql, T> work, CancellationToken cancellation)
    {
        var item = new Work<T>(work);
        await waiting.Writer.WriteAsync(item, cancellation).ConfigureAwait(false);
        // Past this point the work may commit: its outcome is awaited, cancelled or not, so that no caller takes a stored message for a lost one.
        return await item.Task.ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        waiting.Writer.TryComplete();
        await ended.Task.ConfigureAwait(false);
        sql.Dispose();
    }

    private void Run()
    {
        var group = new List<IWork>(MaxGroup);
        var reader = waiting.Reader;
        try
        {
            while (Next(reader))
            {
                group.Clear();
                while (group.Count < MaxGroup && reader.TryRead(out var work)) group.Add(work);
                Commit(group);
            }
        }
        finally
        {
            ended.TrySetResult();
        }

        // The thread is ours and has nothing else to do: waiting here blocks nobody.
        static bool Next(ChannelReader<IWork> reader)
        {
            var ready = reader.WaitToReadAsync();
            return ready.IsCompleted ? ready.Result : ready.AsTask().GetAwaiter().GetResult();
        }
    }

    private void Commit(List<IWork> group)
    {
        var afterCommit = sql.BeginGroup();
        try
        {
            sql.Control("begin immediate");
            foreach (var work in group)
            {
                var mark = afterCommit.Count;
                sql.Control("savepoint work");
                if (work.TryRun(sql))
                {
                    sql.Control("release work");
                }
                else if (!sql.IsInTransaction)
                {
                    // A full disk or the like: SQLite has undone everything. Nobody's work is stored, and the reason is this one's.
                    foreach (var other in group) other.Fail(work.Failure!);
                    return;
                }
                else
                {
                    sql.Control("rollback to work");
                    sql.Control("release work");
                    afterCommit.RemoveRange(mark, afterCommit.Count - mark);
                }
            }
            sql.Control("commit");
        }
        catch (SqliteException broken)
        {
            sql.TryRollback();
            foreach (var work in group) work.Fail(broken);
            return;
        }
        foreach (var action in afterCommit) action();
        foreach (var work in group) work.Complete();
    }

    private interface IWork
    {
        /// <summary>Runs the delegate; false where it threw and must be rolled back.</summary>
        bool TryRun(Sql sql);

        /// <summary>What it threw.</summary>
        Exception? Failure { get; }

        void Complete();

        void Fail(Exception reason);
    }

    private sealed class Work<T>(Func<Sql, T> run) : TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously), IWork
    {
        private T result = default!;

        public Exception? Failure { get; private set; }

        // Whatever the delegate throws belongs to its caller, not to the writer thread.
#pragma warning disable CA1031
        public bool TryRun(Sql sql)
        {
            try
            {
                result = run(sql);
                return true;
            }
            catch (Exception thrown) when (thrown is not OutOfMemoryException)
            {
                Failure = thrown;
                return false;
            }
        }
#pragma warning restore CA1031

        public void Complete()
        {
            if (Failure is null) TrySetResult(result);
            else TrySetException(Failure);
        }

        public void Fail(Exception reason) => TrySetException(Failure ?? reason);
    }
}
