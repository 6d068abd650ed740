using System.Data.Common;
using System.Threading.Channels;

namespace Sternpost.Storage;

/// <summary>
/// Writes what mail never depends on behind the mail, many entries to a transaction. Nobody waits for it: where it cannot keep up, entries are
/// left out; those of the last moment before a crash are lost.
/// </summary>
/// <param name="database">Where the entries go.</param>
/// <param name="mostWaiting">Entries that may wait.</param>
/// <param name="time">The clock of the complaints.</param>
/// <param name="dropped">Told that entries are left out, once a minute at most.</param>
/// <param name="failed">Told of an entry that could not be written.</param>
public sealed class WriteBehind(Database database, int mostWaiting, TimeProvider time, Action dropped, Action<Exception> failed) : IAsyncDisposable
{
    private const int MostTogether = 250;

    private readonly Channel<Action<Sql>> waiting = Channel.CreateBounded<Action<Sql>>(new BoundedChannelOptions(mostWaiting) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });
    private Task writing = Task.CompletedTask;
    private long lastComplaint = long.MinValue;

    /// <summary>Begins to write; what was added before waits for it.</summary>
    public void Start() => writing = Task.Run(WriteAsync);

    /// <summary>Has <paramref name="entry"/> written soon. It runs in a write transaction, and again alone where another entry spoilt that.</summary>
    public void Add(Action<Sql> entry)
    {
        if (waiting.Writer.TryWrite(entry)) return;
        var now = time.GetTimestamp();
        if (lastComplaint != long.MinValue && time.GetElapsedTime(lastComplaint, now) < TimeSpan.FromMinutes(1)) return;
        lastComplaint = now;
        dropped();
    }

    /// <summary>Completes when everything added before is written.</summary>
    public Task FlushAsync()
    {
        var written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return waiting.Writer.TryWrite(sql => sql.AfterCommit(() => written.TrySetResult())) ? written.Task : Task.CompletedTask;
    }

    /// <summary>Writes what still waits, then ends.</summary>
    public async ValueTask DisposeAsync()
    {
        waiting.Writer.TryComplete();
        await writing.ConfigureAwait(false);
    }

    private async Task WriteAsync()
    {
        var entries = new List<Action<Sql>>(MostTogether);
        while (await waiting.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            entries.Clear();
            while (entries.Count < MostTogether && waiting.Reader.TryRead(out var entry)) entries.Add(entry);
            if (await TryWriteAsync(entries).ConfigureAwait(false)) continue;
            // One entry spoils its transaction; the others are written without it.
            foreach (var entry in entries) await TryWriteAsync([entry]).ConfigureAwait(false);
        }
    }

    private async ValueTask<bool> TryWriteAsync(List<Action<Sql>> entries)
    {
        try
        {
            await database.WriteAsync(
                sql =>
                {
                    foreach (var entry in entries) entry(sql);
                    return 0;
                },
                CancellationToken.None).ConfigureAwait(false);
            return true;
        }
        catch (Exception failure) when (failure is DbException or IOException or InvalidOperationException or ObjectDisposedException)
        {
            if (entries.Count == 1) failed(failure);
            return false;
        }
    }
}
