namespace Sternpost.Unit.Abuse.Harness;

/// <summary>
/// A clock that a test moves under a running server. It jumps: whatever became due meanwhile fires once, however often its period fits into the
/// jump, as a timer does on a machine that was asleep. Timers may be made, changed and disposed by any thread while it moves.
/// </summary>
internal sealed class JumpingClock(DateTimeOffset start) : TimeProvider
{
    private readonly Lock gate = new();
    private readonly HashSet<Timer> timers = [];
    private DateTimeOffset now = start;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (gate) return now;
    }

    public override long GetTimestamp() => (GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    internal void Advance(TimeSpan by)
    {
        List<Timer> due;
        lock (gate)
        {
            now += by;
            due = [.. timers.Where(timer => timer.Due <= now).OrderBy(timer => timer.Due)];
            foreach (var timer in due) timer.Reschedule(now);
        }
        foreach (var timer in due) timer.Fire();
    }

    private sealed class Timer(JumpingClock clock, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan period = Timeout.InfiniteTimeSpan;

        internal DateTimeOffset Due { get; private set; } = DateTimeOffset.MaxValue;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var fire = false;
            lock (clock.gate)
            {
                this.period = period;
                if (dueTime < TimeSpan.Zero) clock.timers.Remove(this);
                else
                {
                    Due = clock.now + dueTime;
                    clock.timers.Add(this);
                    if (dueTime == TimeSpan.Zero)
                    {
                        Reschedule(clock.now);
                        fire = true;
                    }
                }
            }
            if (fire) ThreadPool.QueueUserWorkItem(_ => Fire());
            return true;
        }

        public void Dispose()
        {
            lock (clock.gate) clock.timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        internal void Reschedule(DateTimeOffset at)
        {
            if (period > TimeSpan.Zero) Due = at + period;
            else clock.timers.Remove(this);
        }

        internal void Fire() => callback(state);
    }
}
