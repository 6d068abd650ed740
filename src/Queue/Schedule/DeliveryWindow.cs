namespace Sternpost.Queue.Schedule;

/// <summary>
/// How many connections a next hop bears, found out by trying: begins low, grows by one for each round of successes, halves on
/// trouble. The same control as TCP's congestion window, for the same reason: nobody tells the sender the right number.
/// </summary>
internal sealed class DeliveryWindow(int most)
{
    private const double Start = 2;

    private double width = Math.Min(Start, most);

    /// <summary>Connections allowed now; at least one.</summary>
    internal int Width => (int)width;

    internal void Succeeded() => width = Math.Min(most, width + (1 / width));

    internal void Troubled() => width = Math.Max(1, width / 2);

    /// <summary>Back to a single connection, which finds out whether the next hop is there again.</summary>
    internal void Failed() => width = 1;
}
