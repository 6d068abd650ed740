namespace Sternpost.Abuse;

/// <summary>How many recipients outside this server may be written to; 0 means no limit.</summary>
public sealed record SendingLimitOptions
{
    /// <summary>Recipients per account per hour. Default 200.</summary>
    public int AccountPerHour { get; init; } = 200;
    /// <summary>Recipients per account per day. Default 1000.</summary>
    public int AccountPerDay { get; init; } = 1000;
    /// <summary>Recipients per domain per hour. Default 2000.</summary>
    public int DomainPerHour { get; init; } = 2000;
    /// <summary>Recipients per domain per day. Default 10000.</summary>
    public int DomainPerDay { get; init; } = 10000;
}
