using System.Data.Common;
using Microsoft.Extensions.Logging;
using Sternpost.Storage;

namespace Sternpost.Abuse.Alerts;

/// <summary>
/// Keeps alerts until every way has taken them. Each way is tried by itself: one that fails is tried again, at growing distances, for a
/// day, and holds up no other. Without any way alerts go to the log alone.
/// </summary>
public sealed partial class AlertBook(Database database, IReadOnlyList<IAlertWay> ways, TimeProvider time, ILogger<AlertBook> log) : IAlerts, IAsyncDisposable
{
    private const int MostAttempts = 20;
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(2);

    private readonly CancellationTokenSource ending = new();
    private readonly SemaphoreSlim raised = new(0);
    private Task sending = Task.CompletedTask;

    /// <inheritdoc/>
    public void Raise(Sql sql, Alert alert)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        sql.Execute($"""
            insert into alerts (id, kind, subject, body, attempts, next_attempt, done, sent)
            values ({database.NextId()}, {alert.Kind}, {alert.Subject}, {alert.Body}, {0}, {now}, {""}, {(ways.Count == 0 ? now : null)})
            """);
        sql.AfterCommit(() =>
        {
            LogRaised(alert.Kind, alert.Subject);
            if (ways.Count > 0 && raised.CurrentCount == 0) raised.Release();
        });
    }

    /// <inheritdoc/>
    public async ValueTask RaiseAsync(Alert alert, CancellationToken cancellation) => await database.WriteAsync(
        sql =>
        {
            Raise(sql, alert);
            return true;
        },
        cancellation).ConfigureAwait(false);

    /// <summary>The newest alerts, with when each was raised.</summary>
    public static ValueTask<IReadOnlyList<(Alert Alert, DateTimeOffset At)>> NewestAsync(Database database, int limit, CancellationToken cancellation) => database.ReadAsync<IReadOnlyList<(Alert, DateTimeOffset)>>(
        sql => sql.Query($"select id, kind, subject, body from alerts order by id desc limit {limit}", row => (new Alert(row.GetString(1), row.GetString(2), row.GetString(3)), Database.TimeOf(row.GetInt64(0)))), cancellation);

    /// <summary>Begins to send.</summary>
    public void Start()
    {
        if (ways.Count > 0) sending = Task.Run(SendAllAsync);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync().ConfigureAwait(false);
        await sending.ConfigureAwait(false);
        ending.Dispose();
        raised.Dispose();
    }

    private async Task SendAllAsync()
    {
        while (true)
        {
            try
            {
                await SendDueAsync(ending.Token).ConfigureAwait(false);
                await raised.WaitAsync(LookEvery, ending.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (ending.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure) when (failure is DbException or IOException)
            {
                LogFailed(failure);
                await Task.Delay(LookEvery, time, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    internal async ValueTask SendDueAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var due = await database.ReadAsync(
            sql => sql.Query($"select id, kind, subject, body, attempts, done from alerts where sent is null and next_attempt <= {now.ToUnixTimeMilliseconds()} order by id limit 100",
                row => (Id: row.GetInt64(0), Alert: new Alert(row.GetString(1), row.GetString(2), row.GetString(3)), Attempts: row.GetInt32(4), Done: row.GetString(5))),
            cancellation).ConfigureAwait(false);
        foreach (var (id, alert, attempts, done) in due)
        {
            var taken = done.Split('\n', StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal);
            foreach (var outcome in await Task.WhenAll(ways.Where(way => !taken.Contains(way.Name)).Select(way => TryAsync(way, alert, Database.TimeOf(id), cancellation))).ConfigureAwait(false))
            {
                if (outcome.Problem is null) taken.Add(outcome.Way);
                else LogNotTaken(outcome.Way, alert.Kind, outcome.Problem);
            }
            var over = taken.Count >= ways.Count || attempts + 1 >= MostAttempts;
            var wait = TimeSpan.FromSeconds(Math.Min(LongestWait.TotalSeconds, 15 * Math.Pow(2, attempts)));
            var (next, sent) = ((time.GetUtcNow() + wait).ToUnixTimeMilliseconds(), over ? time.GetUtcNow().ToUnixTimeMilliseconds() : (long?)null);
            await database.WriteAsync(sql => sql.Execute($"update alerts set attempts = attempts + 1, next_attempt = {next}, done = {string.Join('\n', taken)}, sent = {sent} where id = {id}"), cancellation).ConfigureAwait(false);
        }
    }

    // A way is somebody else's program behind somebody else's network: whatever it does ends within its time.
#pragma warning disable CA1031
    private static async Task<(string Way, string? Problem)> TryAsync(IAlertWay way, Alert alert, DateTimeOffset at, CancellationToken cancellation)
    {
        // On the real clock: it guards a socket, not a schedule.
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(Patience);
        try
        {
            return (way.Name, await way.SendAsync(alert, at, deadline.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return (way.Name, "did not answer in time");
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            return (way.Name, failure.Message);
        }
    }
#pragma warning restore CA1031

    [LoggerMessage(2201, LogLevel.Warning, "ALERT {Kind}: {Subject}")]
    private partial void LogRaised(string kind, string subject);

    [LoggerMessage(2202, LogLevel.Error, "The administrator could not be told by {Way} of {Kind}: {Problem}")]
    private partial void LogNotTaken(string way, string kind, string problem);

    [LoggerMessage(2203, LogLevel.Error, "Alerts could not be read or written")]
    private partial void LogFailed(Exception failure);
}
