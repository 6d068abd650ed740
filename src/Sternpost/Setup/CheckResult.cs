using System.Text.Json.Serialization;

namespace Sternpost.Setup;

/// <summary>How a check of the machine came out.</summary>
internal enum CheckLevel
{
    /// <summary>As it should be.</summary>
    Ok,
    /// <summary>Works, but something is not as it should be, or could not be found out.</summary>
    Warning,
    /// <summary>Mail will not work until this is mended.</summary>
    Failed,
    /// <summary>Not looked at.</summary>
    Skipped,
}

/// <summary>One check of the machine.</summary>
/// <param name="Check">What was looked at.</param>
/// <param name="Level">How it came out.</param>
/// <param name="Finding">What was found.</param>
/// <param name="Advice">What to do about it; empty where nothing is to be done.</param>
internal sealed record CheckResult(string Check, CheckLevel Level, string Finding, string Advice)
{
    /// <summary>What tells it from other results of the same check, however its words change.</summary>
    [JsonIgnore]
    public string Subject { get; init; } = "";

    /// <summary>True where it could not be found out: nothing is known to be wrong, nor to be right.</summary>
    [JsonIgnore]
    public bool IsUnknown { get; init; }

    public static CheckResult Ok(string check, string finding) => new(check, CheckLevel.Ok, finding, "");

    public static CheckResult Warning(string check, string finding, string advice) => new(check, CheckLevel.Warning, finding, advice);

    /// <summary>It could not be found out.</summary>
    public static CheckResult Unknown(string check, string finding, string advice) => new(check, CheckLevel.Warning, finding, advice) { IsUnknown = true };

    public static CheckResult Failed(string check, string finding, string advice) => new(check, CheckLevel.Failed, finding, advice);
}
