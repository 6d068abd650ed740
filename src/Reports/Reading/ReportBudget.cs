namespace Sternpost.Reports.Reading;

/// <summary>What reading one report may cost. The largest honest ones, of large senders at large receivers, have a few megabytes and some ten thousand rows.</summary>
public sealed record ReportBudget
{
    /// <summary>Octets of a document as attached, packed or not.</summary>
    public int PackedOctets { get; init; } = 10 * 1024 * 1024;

    /// <summary>Octets unpacked, over all members of an archive.</summary>
    public int Octets { get; init; } = 32 * 1024 * 1024;

    /// <summary>How many times its packed size a document may unpack to, past the first megabyte. Reports are repetitive, bombs are more so.</summary>
    public int Ratio { get; init; } = 250;

    /// <summary>Members of an archive looked at.</summary>
    public int Members { get; init; } = 8;

    /// <summary>Attachments of one message looked at.</summary>
    public int Attachments { get; init; } = 16;

    /// <summary>Rows of a report.</summary>
    public int Rows { get; init; } = 50_000;

    /// <summary>Signatures, SPF results and reasons of a row each.</summary>
    public int ResultsPerRow { get; init; } = 100;

    /// <summary>Levels of elements or objects inside each other.</summary>
    public int Depth { get; init; } = 16;

    /// <summary>Characters kept of one text.</summary>
    public int Text { get; init; } = 500;

    /// <summary>How long one message may take, or one file.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromSeconds(5);
}
