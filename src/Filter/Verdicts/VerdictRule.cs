namespace Sternpost.Filter.Verdicts;

/// <summary>Makes one verdict of all findings: the sum decides between inbox and Junk; refusal needs evidence beside the classifier's.</summary>
internal sealed class VerdictRule(FilterOptions options)
{
    /// <summary>The symbol under which the statistical classifier speaks; it alone never refuses a message.</summary>
    internal const string StatisticalSymbol = "STATISTICS";

    internal Verdict Decide(List<Finding> findings, string reference)
    {
        findings.Sort(static (a, b) => Math.Abs(b.Weight).CompareTo(Math.Abs(a.Weight)));
        double score = 0, evidence = 0;
        Finding? compelling = null;
        foreach (var finding in findings)
        {
            score += finding.Weight;
            if (finding.Symbol != StatisticalSymbol) evidence += finding.Weight;
            if (finding.Compels > (compelling?.Compels ?? Disposition.Accept)) compelling = finding;
        }
        var disposition = ByScore(score, evidence);
        if (compelling?.Compels > disposition) disposition = compelling.Compels.Value;
        if (disposition == Disposition.Reject && !options.MayRefuse) disposition = Disposition.Junk;
        var holding = disposition == Disposition.Reject ? null : findings.Find(finding => finding.Quarantines);
        if (holding is null) return new Verdict(disposition, score, findings, Reason(disposition, findings, compelling), reference);
        return new Verdict(Disposition.Junk, score, findings, holding.Explanation, reference) { IsQuarantined = true };
    }

    /// <summary>The verdict with an account's own opinion added; refusal is the server's alone, and hard evidence stands.</summary>
    internal Verdict Shift(Verdict verdict, double shift, IReadOnlyList<Finding>? own = null)
    {
        var score = verdict.Score + shift;
        List<Finding> findings = [.. verdict.Findings, .. own ?? []];
        foreach (var finding in own ?? []) score += finding.Weight;
        if (shift != 0) findings.Add(LessonsSymbol.Found(weight: shift));
        var disposition = score >= options.JunkThreshold ? Disposition.Junk : Disposition.Accept;
        Finding? compelling = null;
        foreach (var finding in findings)
        {
            if (finding.Compels >= Disposition.Junk) compelling = finding;
        }
        if (compelling is not null) disposition = Disposition.Junk;
        findings.Sort(static (a, b) => Math.Abs(b.Weight).CompareTo(Math.Abs(a.Weight)));
        return new Verdict(disposition, score, findings, Reason(disposition, findings, compelling), verdict.Reference) { IsQuarantined = verdict.IsQuarantined };
    }

    internal static readonly Symbol LessonsSymbol = new("LESSONS", 0, "What you moved into and out of Junk speaks about this message; the weight says which way.");

    private Disposition ByScore(double score, double evidence)
    {
        if (score >= options.RejectThreshold && evidence >= options.RejectEvidence) return Disposition.Reject;
        return score >= options.JunkThreshold ? Disposition.Junk : Disposition.Accept;
    }

    private static string Reason(Disposition disposition, List<Finding> findings, Finding? compelling)
    {
        if (compelling is not null && compelling.Compels >= disposition) return compelling.Explanation;
        if (disposition == Disposition.Accept) return "Nothing weighty speaks against this message.";
        foreach (var finding in findings)
        {
            // A refused sender is told what can be mended, so evidence comes before statistics.
            if (finding.Weight > 0 && (disposition != Disposition.Reject || finding.Symbol != StatisticalSymbol)) return finding.Explanation;
        }
        return "The message looks like spam.";
    }
}
