namespace Sternpost.Bench;

/// <summary>What a load run measured; printed as it is with <c>--json</c>.</summary>
/// <param name="Connections">Connections at once.</param>
/// <param name="Messages">Messages sent.</param>
/// <param name="SizeBytes">Octets of each.</param>
/// <param name="Accepted">Answered with 250.</param>
/// <param name="Refused">Answered otherwise.</param>
/// <param name="Seconds">From the first message to the last answer.</param>
/// <param name="MessagesPerSecond">Accepted messages per second.</param>
/// <param name="LatencyMilliseconds">From MAIL to the final answer.</param>
/// <param name="ServerCpuMillisecondsPerMessage">The server process's user and system time over the accepted messages; null where it is not known.</param>
/// <param name="FirstRefusal">The first answer that was not 250, or null.</param>
internal sealed record LoadResult(
    int Connections,
    int Messages,
    int SizeBytes,
    int Accepted,
    int Refused,
    double Seconds,
    double MessagesPerSecond,
    Percentiles LatencyMilliseconds,
    double? ServerCpuMillisecondsPerMessage,
    string? FirstRefusal);

/// <summary>The middle and the tail of a set of measurements.</summary>
internal sealed record Percentiles(double P50, double P95, double P99, double Max)
{
    /// <summary>By nearest rank; all 0 where nothing was measured.</summary>
    public static Percentiles Of(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        double At(double share) => sorted.Length == 0 ? 0 : Math.Round(sorted[Math.Min(sorted.Length - 1, (int)Math.Ceiling(share * sorted.Length) - 1)], 3);
        return new Percentiles(At(0.50), At(0.95), At(0.99), At(1));
    }
}
