namespace Sternpost.Filter.Verdicts;

/// <summary>What one judge found: a named symbol with a weight, an explanation for people and data for machines.</summary>
/// <param name="Symbol">Upper-case name, stable, listed in docs/symbols.md (for example <c>SPF_FAIL</c>).</param>
/// <param name="Weight">Added to the score, in log-odds units of spam; negative speaks for the message.</param>
/// <param name="Explanation">One plain sentence.</param>
/// <param name="Data">Details for machines; never secrets.</param>
public sealed record Finding(string Symbol, double Weight, string Explanation, IReadOnlyDictionary<string, string>? Data = null)
{
    /// <summary>Where this finding alone sends the message, whatever the score says: hard evidence such as malware. Null for all others.</summary>
    public Disposition? Compels { get; init; }

    /// <summary>Whether this finding alone holds the message for somebody to look at, unless it is refused anyway.</summary>
    public bool Quarantines { get; init; }
}

/// <summary>Where a message goes. One verdict means one place.</summary>
public enum Disposition
{
    /// <summary>To the inbox.</summary>
    Accept,
    /// <summary>Accepted, to the Junk folder.</summary>
    Junk,
    /// <summary>Refused at SMTP time with a reason.</summary>
    Reject,
}

/// <summary>The one judgement of a message.</summary>
/// <param name="Disposition">Where it goes.</param>
/// <param name="Score">Sum of the weights: log-odds of spam, 0 undecided.</param>
/// <param name="Findings">All findings, weightiest first.</param>
/// <param name="Reason">One plain sentence: the weightiest cause, fit for an SMTP reply.</param>
/// <param name="Reference">What a refused sender can quote and the administrator can search for.</param>
public sealed record Verdict(Disposition Disposition, double Score, IReadOnlyList<Finding> Findings, string Reason, string Reference)
{
    /// <summary>The message is held for somebody to look at instead of being delivered; <see cref="Disposition"/> is then at least Junk, for who knows only three places.</summary>
    public bool IsQuarantined { get; init; }

    /// <summary>The calibrated probability of spam, 0 to 1.</summary>
    public double Probability => 1 / (1 + Math.Exp(-Score));

    /// <summary>The value of the X-Sternpost-Verdict field: verdict, score and findings in one line of printable ASCII.</summary>
    public string ToHeaderValue()
    {
        var line = new System.Text.StringBuilder(160);
        line.Append(Disposition.ToString().ToLowerInvariant());
        line.Append(System.Globalization.CultureInfo.InvariantCulture, $"; score={Score:0.0}; probability={Probability:0.0000}; id={Reference}");
        // Symbols are ours, so nothing a sender wrote gets into the field.
        for (var i = 0; i < Findings.Count && i < MaxFindingsInHeader; i++)
        {
            line.Append(i == 0 ? "; findings=" : ", ");
            line.Append(System.Globalization.CultureInfo.InvariantCulture, $"{Findings[i].Symbol}({Findings[i].Weight:0.0})");
        }
        return line.ToString();
    }

    // RFC 5322 §2.1.1 allows lines of 998; the writer of the field folds at the commas.
    private const int MaxFindingsInHeader = 20;
}
