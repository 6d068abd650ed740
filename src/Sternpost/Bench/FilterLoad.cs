using System.Diagnostics;
using Sternpost.Commands;
using Sternpost.Filter;
using Sternpost.Filter.Corpora;

namespace Sternpost.Bench;

/// <summary>Judges messages one after another on one thread, nothing looked up, and measures each.</summary>
/// <param name="panel">The filter.</param>
/// <param name="messages">The messages as they lie in files.</param>
/// <param name="accounts">Accounts whose own filters are asked as well, of each message the next one's; none where 0.</param>
internal sealed class FilterLoad(JudgePanel panel, IReadOnlyList<byte[]> messages, int accounts = 0)
{
    // A server has judged so many after some minutes; code and automata are then as they stay.
    private const int WarmUp = 4000;

    private int asked;

    /// <summary>Judges all until the filter is warm, and once more to measure.</summary>
    public async Task<FilterResult> RunAsync(CancellationToken cancellation)
    {
        var cold = await OnceAsync(cancellation);
        for (var judged = messages.Count; judged < WarmUp; judged += messages.Count) await OnceAsync(cancellation);
        var warm = await OnceAsync(cancellation);
        return warm with { FirstPassCpuMilliseconds = cold.CpuMilliseconds };
    }

    private async Task<FilterResult> OnceAsync(CancellationToken cancellation)
    {
        var used = new double[messages.Count];
        var waited = new double[messages.Count];
        var allocated = GC.GetTotalAllocatedBytes();
        var process = Environment.CpuUsage.TotalTime;
        var begun = Stopwatch.GetTimestamp();
        for (var i = 0; i < messages.Count; i++)
        {
            var (processor, wall) = (ProcessorClock.ThreadMilliseconds(), Stopwatch.GetTimestamp());
            var judging = panel.JudgeAsync(new Arrival().Of(messages[i], "bench", TimeProvider.System), cancellation);
            // Without lookups nothing waits, so the whole judgement is on this thread.
            if (!judging.IsCompleted) throw new OperationFailedException("A judge waited for something; bench filter measures judging without lookups.");
            var judgement = await judging;
            used[i] = ProcessorClock.ThreadMilliseconds() - processor;
            waited[i] = Stopwatch.GetElapsedTime(wall).TotalMilliseconds;
            // Now and then looked up in the database, so not on this thread alone.
            if (accounts > 0) await panel.ForAccountAsync(judgement, (asked++ % accounts) + 1, cancellation);
        }
        var seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        return new FilterResult
        {
            Filter = accounts > 0 ? $"sternpost, {accounts} accounts" : "sternpost",
            Messages = messages.Count,
            Seconds = Math.Round(seconds, 3),
            MessagesPerSecond = Math.Round(messages.Count / seconds, 1),
            LatencyMilliseconds = FilterPercentiles.Of(waited),
            CpuMilliseconds = FilterPercentiles.Of(used),
            CpuMillisecondsPerMessage = Math.Round((Environment.CpuUsage.TotalTime - process).TotalMilliseconds / messages.Count, 3),
            AllocatedBytesPerMessage = (GC.GetTotalAllocatedBytes() - allocated) / messages.Count,
            ResidentBytes = Environment.WorkingSet,
        };
    }
}
