namespace Sternpost.Reports;

/// <summary>How reports are received and sent.</summary>
public sealed record ReportOptions
{
    /// <summary>Local-parts at our domains at which reports are expected: what our own records publish, and where the RFCs send complaints (RFC 2142 §2).</summary>
    public IReadOnlyList<string> LocalParts { get; init; } = ["postmaster", "abuse"];

    /// <summary>How long received reports are kept. Default 400 days.</summary>
    public TimeSpan Keep { get; init; } = TimeSpan.FromDays(400);
}
