namespace Sternpost.Bench.Outbound;

/// <summary>What a queue needed for the load; printed as it is with <c>--json</c>.</summary>
internal sealed record OutboundResult
{
    /// <summary>Whose queue.</summary>
    public required string Server { get; init; }

    /// <summary>Messages waiting at the start.</summary>
    public required int Messages { get; init; }

    /// <summary>Domains they went to.</summary>
    public required int Destinations { get; init; }

    /// <summary>Octets of each.</summary>
    public required int SizeBytes { get; init; }

    /// <summary>Messages the sink took.</summary>
    public required int Delivered { get; init; }

    /// <summary>Messages it was sent again after it had taken them.</summary>
    public required int DeliveredAgain { get; init; }

    /// <summary>Messages whose bounce it got.</summary>
    public required int Bounced { get; init; }

    /// <summary>Bounces it got more than once.</summary>
    public required int BouncedAgain { get; init; }

    /// <summary>Messages of which nothing was heard.</summary>
    public required int Missing { get; init; }

    /// <summary>How often the server was killed meanwhile.</summary>
    public required int Kills { get; init; }

    /// <summary>From the start to the last message, its bounce included.</summary>
    public required double Seconds { get; init; }

    /// <summary>Messages per second over all of that.</summary>
    public required double MessagesPerSecond { get; init; }

    /// <summary>Messages per second until 95 of 100 were settled: what is left then mostly waits for its next attempt.</summary>
    public required double MessagesPerSecondToP95 { get; init; }

    /// <summary>From the start until each was settled.</summary>
    public required Percentiles SecondsUntilSettled { get; init; }

    /// <summary>User and system time of all processes of the server over the messages.</summary>
    public required double CpuMillisecondsPerMessage { get; init; }

    /// <summary>The most memory its processes held together at a time, each shared page counted once (PSS).</summary>
    public required long PeakBytes { get; init; }

    /// <summary>Of that, what is no file's: programs and mapped databases are files.</summary>
    public required long PeakAnonymousBytes { get; init; }

    /// <summary>Connections it made.</summary>
    public required int Connections { get; init; }

    /// <summary>The most it had at a time.</summary>
    public required int MostConnections { get; init; }
}
