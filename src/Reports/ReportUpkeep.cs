using System.Data.Common;
using Microsoft.Extensions.Logging;
using Sternpost.Reports.Received;
using Sternpost.Reports.Sent;

namespace Sternpost.Reports;

/// <summary>What reports need done beside mail: counts written, reports sent, old ones forgotten. Runs from <see cref="Start"/> until disposed.</summary>
/// <param name="observations">What is counted.</param>
/// <param name="sender">Sends what is due; null where nothing is sent.</param>
/// <param name="received">What was received.</param>
/// <param name="time">The clock.</param>
/// <param name="log">For failures; the next round tries again.</param>
public sealed class ReportUpkeep(DmarcObservations observations, AggregateSender? sender, ReceivedReports received, TimeProvider time, ILogger<ReportUpkeep> log) : IAsyncDisposable
{
    private static readonly TimeSpan BetweenRounds = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan BetweenForgetting = TimeSpan.FromDays(1);

    private readonly CancellationTokenSource stopping = new();
    private Task running = Task.CompletedTask;

    /// <summary>Begins.</summary>
    public void Start() => running = Task.Run(RunAsync, CancellationToken.None);

    /// <summary>Ends, and writes what was counted last.</summary>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync().ConfigureAwait(false);
        await running.ConfigureAwait(false);
        stopping.Dispose();
        try
        {
            await observations.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (DbException failed)
        {
            log.UpkeepFailed(failed);
        }
    }

    private async Task RunAsync()
    {
        var nextForgetting = time.GetUtcNow() + BetweenRounds;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(BetweenRounds, time, stopping.Token).ConfigureAwait(false);
                await observations.FlushAsync(stopping.Token).ConfigureAwait(false);
                if (sender is not null) await sender.SendDueAsync(stopping.Token).ConfigureAwait(false);
                if (time.GetUtcNow() < nextForgetting) continue;
                nextForgetting = time.GetUtcNow() + BetweenForgetting;
                await received.ForgetAsync(stopping.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failed) when (failed is DbException or IOException or InvalidOperationException)
            {
                log.UpkeepFailed(failed);
            }
        }
    }
}
