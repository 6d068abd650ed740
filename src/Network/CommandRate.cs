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

    /// <summary>Takes a command's credit, waiting for it where there is none.</summary>
    /// <param name="cancellation">Ends the wait.</param>
    /// <param name="cost">More than 1 for a command that is more work than others.</param>
    public async ValueTask WaitAsync(CancellationToken cancellation, double cost = 1)
    {
        var now = time.GetTimestamp();
        credit = Math.Min(perSecond * 5.0, credit + time.GetElapsedTime(at, now).TotalSeconds * perSecond) - cost;
        at = now;
        if (credit < 0) await Task.Delay(TimeSpan.FromSeconds(-credit / perSecond), time, cancellation).ConfigureAwait(false);
    }
}
