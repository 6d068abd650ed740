namespace Sternpost.Bench;

/// <summary>What a filter needed for some messages; printed as it is with <c>--json</c>.</summary>
internal sealed record FilterResult
{
    /// <summary>The program.</summary>
    public required string Filter { get; init; }

    /// <summary>Messages judged.</summary>
    public required int Messages { get; init; }

    /// <summary>From the first to the last.</summary>
    public required double Seconds { get; init; }

    /// <summary>Messages per second, one after another.</summary>
    public required double MessagesPerSecond { get; init; }

    /// <summary>How long each took; of a client and a daemon, with the start of the client.</summary>
    public required FilterPercentiles LatencyMilliseconds { get; init; }

    /// <summary>Processor time of each, on its thread; null where only the whole is known.</summary>
    public FilterPercentiles? CpuMilliseconds { get; init; }

    /// <summary>The same when the filter had just started and read each message for the first time; null where that was not measured.</summary>
    public FilterPercentiles? FirstPassCpuMilliseconds { get; init; }

    /// <summary>Processor time of all processes and threads together over the messages.</summary>
    public required double CpuMillisecondsPerMessage { get; init; }

    /// <summary>Memory asked for, null where it is not known.</summary>
    public long? AllocatedBytesPerMessage { get; init; }

    /// <summary>Memory held at the end, the messages included for sternpost; null where it is not known.</summary>
    public long? ResidentBytes { get; init; }
}

/// <summary>The middle and the tail, by nearest rank.</summary>
internal sealed record FilterPercentiles(double P50, double P90, double P99, double Max)
{
    public static FilterPercentiles Of(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        double At(double share) => sorted.Length == 0 ? 0 : Math.Round(sorted[Math.Min(sorted.Length - 1, (int)Math.Ceiling(share * sorted.Length) - 1)], 3);
        return new FilterPercentiles(At(0.50), At(0.90), At(0.99), At(1));
    }

    public override string ToString() => FormattableString.Invariant($"{P50:0.00} / {P90:0.00} / {P99:0.00} / {Max:0.0}");
}
