using System.Data.Common;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Sternpost.Storage;

namespace Sternpost.Filter.Evidence;

/// <summary>
/// Writes evidence behind the mail, many entries to a transaction. No message waits for it: where it cannot keep up, entries are left out and
/// that is logged; those of the last moment before a crash are lost. Mail itself never depends on them.
/// </summary>
internal sealed class EvidenceWriter(Database database, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private const int MostWaiting = 20_000;
    private const int MostTogether = 250;

    private readonly Channel<Action<Sql>> waiting = Channel.CreateBounded<Action<Sql>>(new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });
    private Task writing = Task.CompletedTask;
    private long lastComplaint = long.MinValue;

    internal void Start() => writing = Task.Run(WriteAsync);

    internal void Add(Action<Sql> entry)
    {
        if (waiting.Writer.TryWrite(entry)) return;
        var now = time.GetTimestamp();
        if (lastComplaint != long.MinValue && time.GetElapsedTime(lastComplaint, now) < TimeSpan.FromMinutes(1)) return;
        lastComplaint = now;
        logger.EvidenceDropped();
    }

    /// <summary>Completes when everything added before is written.</summary>
    internal Task FlushAsync()
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
            if (entries.Count == 1) logger.EvidenceFailed(failure);
            return false;
        }
    }
}
