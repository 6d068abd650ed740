namespace Sternpost.Queue.Delivery;

/// <summary>Bounds the octets of messages held in memory at once. First come, first served; a message larger than the whole budget has it alone.</summary>
internal sealed class ContentBudget(long most)
{
    private readonly Lock gate = new();
    private readonly Queue<(long Size, TaskCompletionSource Turn)> waiting = new();
    private long taken;

    /// <summary>Waits until <paramref name="size"/> octets may be held.</summary>
    internal async ValueTask<Hold> TakeAsync(long size, CancellationToken cancellation)
    {
        size = Math.Min(size, most);
        TaskCompletionSource turn;
        lock (gate)
        {
            if (waiting.Count == 0 && taken + size <= most)
            {
                taken += size;
                return new Hold(this, size);
            }
            turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            waiting.Enqueue((size, turn));
        }
        await using var cancelled = cancellation.UnsafeRegister(static (turn, token) => ((TaskCompletionSource)turn!).TrySetCanceled(token), turn).ConfigureAwait(false);
        await turn.Task.ConfigureAwait(false);
        return new Hold(this, size);
    }

    private void Give(long size)
    {
        lock (gate)
        {
            taken -= size;
            while (waiting.TryPeek(out var next) && (next.Turn.Task.IsCompleted || taken + next.Size <= most))
            {
                waiting.Dequeue();
                // One that was cancelled meanwhile takes nothing.
                if (next.Turn.TrySetResult()) taken += next.Size;
            }
        }
    }

    /// <summary>The octets held, until disposed.</summary>
    internal sealed class Hold(ContentBudget owner, long size) : IDisposable
    {
        private int given;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref given, 1) == 0) owner.Give(size);
        }
    }
}
