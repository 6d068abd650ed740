using System.Data.Common;
using Microsoft.Extensions.Logging;
using Sternpost.Queue.TlsReports;

namespace Sternpost.Queue.TransportSecurity;

/// <summary>What transport security needs done beside deliveries: policies fetched again before they end, counts written, reports sent.</summary>
internal sealed class TransportUpkeep(StsPolicies? policies, TlsResults results, TlsReportSender? reports, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan BetweenCounts = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan BetweenRounds = TimeSpan.FromHours(1);

    /// <summary>Runs until <paramref name="stopping"/>.</summary>
    internal async Task RunAsync(CancellationToken stopping)
    {
        var nextRound = time.GetUtcNow() + BetweenCounts;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(BetweenCounts, time, stopping).ConfigureAwait(false);
                await results.FlushAsync(stopping).ConfigureAwait(false);
                if (time.GetUtcNow() < nextRound) continue;
                nextRound = time.GetUtcNow() + BetweenRounds;
                if (policies is not null) await policies.RefreshAsync(stopping).ConfigureAwait(false);
                if (reports is not null) await reports.SendDueAsync(stopping).ConfigureAwait(false);
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

    /// <summary>Writes what was counted last.</summary>
    internal async Task EndAsync()
    {
        try
        {
            await results.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception failed) when (failed is DbException or IOException or ObjectDisposedException)
        {
            log.UpkeepFailed(failed);
        }
    }
}
