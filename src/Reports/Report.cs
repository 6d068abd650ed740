namespace Sternpost.Reports;

/// <summary>A report somebody sent about our domains: aggregate DMARC results, TLS results, or feedback on one message.</summary>
public abstract record Report
{
    /// <summary>Who made it, as he calls himself; a stranger's text, one line, shortened.</summary>
    public string Organisation { get; init; } = "";

    /// <summary>What tells it from his other reports; likewise.</summary>
    public string ReportId { get; init; } = "";
}

/// <summary>What came of one document that is, or says that it is, a report.</summary>
/// <param name="Report">The report; null where it was refused.</param>
/// <param name="Refusal">Why it cannot be used, in plain words; null where it can.</param>
public sealed record ReportReading(Report? Report, string? Refusal)
{
    internal static ReportReading Of(Report report) => new(report, null);

    internal static ReportReading Refused(string why) => new(null, why);
}
