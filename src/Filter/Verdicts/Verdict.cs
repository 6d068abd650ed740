namespace Sternpost.Filter.Verdicts;

/// <summary>What one judge found: a named symbol with a weight, an explanation for people and data for machines.</summary>
/// <param name="Symbol">Upper-case name, stable, listed in docs/symbols.md (for example <c>SPF_FAIL</c>).</param>
/// <param name="Weight">Added to the score, in log-odds units of spam; negative speaks for the message.</param>
/// <param name="Explanation">One plain sentence.</param>
/// <param name="Data">Details for machines; never secrets.</param>
public sealed record Finding(string Symbol, double Weight, string Explanation, IReadOnlyDictionary<string, string>? Data = null);

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
    /// <summary>The calibrated probability of spam, 0 to 1.</summary>
    public double Probability => 1 / (1 + Math.Exp(-Score));
}
