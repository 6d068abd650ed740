namespace Sternpost.Network;

/// <summary>
/// Slows a session that floods: commands are credit, credit grows with time up to five seconds' worth, and who has none waits.
/// Clients that pipeline a thousand fetches pass; loops gone wild cost one session's share.
/// </summary>
/// <param name="perSecond">Credit of a second.</param>
/// <param name="time">The clock.</param>
public sealed class CommandRate(int perSecond, TimeProvider time)
{
    private double credit = perSecond * 5.0;
    private long at = time.GetTimestamp();

    /// <summary>Takes one command's credit, waiting for it where there is none.</summary>
    public async ValueTask WaitAsync(CancellationToken cancellation)
    {
        var now = time.GetTimestamp();
        credit = Math.Min(perSecond * 5.0, credit + time.GetElapsedTime(at, now).TotalSeconds * perSecond) - 1;
        at = now;
        if (credit < 0) await Task.Delay(TimeSpan.FromSeconds(-credit / perSecond), time, cancellation).ConfigureAwait(false);
    }
}
