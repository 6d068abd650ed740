using System.Data.Common;
using Microsoft.Extensions.Logging;
using Sternpost.Storage;

namespace Sternpost.Tracing;

/// <summary>Forgets old trails, a little at a time so that no mail waits. Runs from <see cref="Start"/> until disposed.</summary>
/// <param name="database">Where they are.</param>
/// <param name="keep">How long they are kept.</param>
/// <param name="time">The clock.</param>
/// <param name="log">For failures.</param>
public sealed class TraceUpkeep(Database database, TimeSpan keep, TimeProvider time, ILogger<TraceUpkeep> log) : IAsyncDisposable
{
    private const int AtOnce = 200;
    private static readonly TimeSpan BetweenRounds = TimeSpan.FromHours(1);

    private readonly CancellationTokenSource stopping = new();
    private Task running = Task.CompletedTask;

    /// <summary>Begins.</summary>
    public void Start() => running = Task.Run(RunAsync, CancellationToken.None);

    /// <summary>Ends.</summary>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync().ConfigureAwait(false);
        await running.ConfigureAwait(false);
        stopping.Dispose();
    }

    /// <summary>Forgets all that is too old.</summary>
    internal async ValueTask ForgetAsync(CancellationToken cancellation)
    {
        while (await database.WriteAsync(Forget, cancellation).ConfigureAwait(false) == AtOnce)
        {
        }
    }

    private int Forget(Sql sql)
    {
        var oldest = Database.IdAt(time.GetUtcNow() - keep);
        // A message may wait in the queue for longer than that; its trail stays while it does.
        var old = sql.Query(
            $"select id, terms from trails where id < {oldest} and not exists (select 1 from queue_messages where queue_messages.id = trails.id) order by id limit {AtOnce}",
            row => (Id: row.GetInt64(0), Terms: (byte[])row[1]));
        foreach (var (id, terms) in old)
        {
            foreach (var term in TrailTerms.Read(terms)) sql.Execute($"delete from trail_terms where term = {term} and trail_id = {id}");
            sql.Execute($"delete from trail_steps where trail_id = {id}");
            sql.Execute($"delete from trails where id = {id}");
        }
        return old.Count;
    }

    private async Task RunAsync()
    {
        try
        {
            // First what is old, then the wait: a server that is started often forgets all the same.
            for (; ; await Task.Delay(BetweenRounds, time, stopping.Token).ConfigureAwait(false)) await TryForgetAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
    }

    private async ValueTask TryForgetAsync()
    {
        try
        {
            await ForgetAsync(stopping.Token).ConfigureAwait(false);
        }
        catch (Exception failed) when (failed is DbException or IOException)
        {
            log.ForgettingFailed(failed);
        }
    }
}
