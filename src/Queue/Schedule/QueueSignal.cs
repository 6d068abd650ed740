using System.Threading.Channels;

namespace Sternpost.Queue.Schedule;

/// <summary>Tells the runner which domains have new mail, so that it leaves at once and the poll is only for other processes and for the passing of time.</summary>
public sealed class QueueSignal
{
    // Beyond so many the next poll finds the rest.
    private const int MaxDomains = 20_000;

    private readonly Channel<bool> channel = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Lock gate = new();
    private HashSet<string> domains = [];

    /// <summary>These domains have mail that is due. Called after the commit that wrote it.</summary>
    public void Raise(IEnumerable<string> due)
    {
        lock (gate)
        {
            if (domains.Count < MaxDomains) domains.UnionWith(due);
        }
        channel.Writer.TryWrite(true);
    }

    /// <summary>Something changed that the runner should look at.</summary>
    internal void Wake() => channel.Writer.TryWrite(true);

    /// <summary>The domains raised since the last call.</summary>
    internal IReadOnlyCollection<string> Take()
    {
        lock (gate)
        {
            if (domains.Count == 0) return [];
            var taken = domains;
            domains = [];
            return taken;
        }
    }

    /// <summary>Completes on a raise, or after <paramref name="timeout"/>.</summary>
    internal async Task WaitAsync(TimeSpan timeout, TimeProvider time, CancellationToken cancellation)
    {
        if (!channel.Reader.TryRead(out _))
        {
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            var raised = channel.Reader.WaitToReadAsync(ended.Token).AsTask();
            var late = Task.Delay(timeout, time, ended.Token);
            await Task.WhenAny(raised, late).ConfigureAwait(false);
            await ended.CancelAsync().ConfigureAwait(false);
            channel.Reader.TryRead(out _);
        }
        cancellation.ThrowIfCancellationRequested();
    }
}
