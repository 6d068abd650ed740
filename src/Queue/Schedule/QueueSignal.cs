using System.Threading.Channels;

namespace Sternpost.Queue.Schedule;

/// <summary>Tells the runner that something is due, so that new mail leaves at once and the poll is only for other processes. Many raises before a wait count as one.</summary>
public sealed class QueueSignal
{
    private readonly Channel<bool> channel = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Something is due.</summary>
    public void Raise() => channel.Writer.TryWrite(true);

    /// <summary>Completes on a raise, or after <paramref name="timeout"/>.</summary>
    internal async Task WaitAsync(TimeSpan timeout, TimeProvider time, CancellationToken cancellation)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var raised = channel.Reader.WaitToReadAsync(ended.Token).AsTask();
        var late = Task.Delay(timeout, time, ended.Token);
        await Task.WhenAny(raised, late).ConfigureAwait(false);
        await ended.CancelAsync().ConfigureAwait(false);
        channel.Reader.TryRead(out _);
        cancellation.ThrowIfCancellationRequested();
    }
}
