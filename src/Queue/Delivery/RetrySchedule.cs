namespace Sternpost.Queue.Delivery;

/// <summary>When a recipient that was put off is tried again.</summary>
internal sealed class RetrySchedule(QueueOptions options, TimeProvider time, Random random)
{
    // So much is added or taken at most, in parts of the delay: what failed together must not come back together.
    private const double Spread = 0.1;

    /// <summary>One number for all recipients of an attempt, so that those of one message stay together.</summary>
    internal double NextJitter() => 1 + (Spread * ((2 * random.NextDouble()) - 1));

    /// <summary>The next attempt after the one that was number <paramref name="attempts"/>, counted from 1; never later than the message's end, so that the last attempt is made then.</summary>
    internal DateTimeOffset Next(int attempts, DateTimeOffset expires, double jitter)
    {
        var delay = options.RetryDelays[Math.Min(attempts, options.RetryDelays.Count) - 1] * jitter;
        var next = time.GetUtcNow() + delay;
        return next < expires ? next : expires;
    }
}
