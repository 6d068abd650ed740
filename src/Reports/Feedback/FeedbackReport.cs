using System.Net;

namespace Sternpost.Reports.Feedback;

/// <summary>Feedback on one message (RFC 5965), also on one that failed authentication (RFC 6591).</summary>
public sealed record FeedbackReport : Report
{
    /// <summary>The word of Feedback-Type, lower case: <c>abuse</c>, <c>fraud</c>, <c>auth-failure</c>, <c>not-spam</c> and others.</summary>
    public required string Type { get; init; }

    /// <summary>The program that wrote it.</summary>
    public string UserAgent { get; init; } = "";

    /// <summary>The reverse-path the message came with; null where not given.</summary>
    public string? OriginalMailFrom { get; init; }

    /// <summary>Whom it was for.</summary>
    public IReadOnlyList<string> OriginalRcptTo { get; init; } = [];

    /// <summary>When it arrived; null where not given.</summary>
    public DateTimeOffset? Arrival { get; init; }

    /// <summary>The client that brought it; null where not given.</summary>
    public IPAddress? Source { get; init; }

    /// <summary>How many such messages this one stands for.</summary>
    public long Incidents { get; init; } = 1;

    /// <summary>The domains it is about.</summary>
    public IReadOnlyList<string> ReportedDomains { get; init; } = [];

    /// <summary>Links it is about.</summary>
    public IReadOnlyList<string> ReportedUris { get; init; } = [];

    /// <summary>What failed (RFC 6591 §3.2.2): <c>dmarc</c>, <c>spf</c>, <c>signature</c>, <c>bodyhash</c>, <c>revoked</c>, <c>adsp</c>; null where not given.</summary>
    public string? AuthFailure { get; init; }

    /// <summary>What became of the message (RFC 6591 §3.2.2); null where not given.</summary>
    public string? DeliveryResult { get; init; }

    /// <summary>What the reporter's checks came to.</summary>
    public IReadOnlyList<string> AuthenticationResults { get; init; } = [];

    /// <summary>The Message-ID of the message; null where it is not returned.</summary>
    public string? MessageId { get; init; }

    /// <summary>Its author's address; null where it is not returned.</summary>
    public string? Author { get; init; }

    /// <summary>Its subject as written; null where it is not returned.</summary>
    public string? Subject { get; init; }
}
