namespace Sternpost.Jmap;

/// <summary>The name and limits of the JMAP server; the limits are told in the session resource (RFC 8620 §2) and enforced.</summary>
public sealed record JmapOptions
{
    /// <summary>The server's own name, for message ids and trace lines.</summary>
    public required string HostName { get; init; }

    /// <summary>Octets of an uploaded blob and of a message.</summary>
    public long MaxSizeUpload { get; init; } = 50 * 1024 * 1024;

    /// <summary>Uploads of one account at once.</summary>
    public int MaxConcurrentUpload { get; init; } = 8;

    /// <summary>Octets of a request.</summary>
    public int MaxSizeRequest { get; init; } = 10 * 1024 * 1024;

    /// <summary>Requests of one account at once.</summary>
    public int MaxConcurrentRequests { get; init; } = 8;

    /// <summary>Method calls in a request.</summary>
    public int MaxCallsInRequest { get; init; } = 64;

    /// <summary>Objects in one answer of /get.</summary>
    public int MaxObjectsInGet { get; init; } = 1000;

    /// <summary>Objects in one /set.</summary>
    public int MaxObjectsInSet { get; init; } = 500;

    /// <summary>Octets that an account may have uploaded and not used.</summary>
    public long MaxUploaded { get; init; } = 500L * 1024 * 1024;

    /// <summary>How far ahead a message may be handed over (RFC 4865).</summary>
    public TimeSpan MaxDelayedSend { get; init; } = TimeSpan.FromDays(90);

    /// <summary>Octets of remote pictures kept, and for how long.</summary>
    public long MaxPictures { get; init; } = 512L * 1024 * 1024;

    /// <inheritdoc cref="MaxPictures"/>
    public TimeSpan KeepPictures { get; init; } = TimeSpan.FromDays(14);

    /// <summary>True where push, pictures and leaving of lists may go to this computer itself; for the demo and tests.</summary>
    public bool PushToLoopback { get; init; }
}
