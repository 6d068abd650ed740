namespace Sternpost.Pop3;

/// <summary>The limits of POP3 sessions.</summary>
public sealed record Pop3Options
{
    /// <summary>The host name of the greeting.</summary>
    public required string HostName { get; init; }

    /// <summary>A client that has signed in may be silent for this long. Default 10 minutes, the least RFC 1939 §3 allows.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>A client must have signed in within this. Default 3 minutes: a place is not kept for strangers as long as for users.</summary>
    public TimeSpan SignIn { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>Each 64 KB sent must be taken within this. Default 5 minutes.</summary>
    public TimeSpan Send { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Failed sign-ins after which the connection is closed. Default 3.</summary>
    public int MaxFailedSignIns { get; init; } = 3;

    /// <summary>Commands that are none, or come at the wrong time, after which the connection is closed. Default 20.</summary>
    public int MaxFaults { get; init; } = 20;
}
