using System.Globalization;
using System.Text;
using Sternpost.Filter.Judges;
using Sternpost.Filter.SpamAssassin.Rules;
using Sternpost.Filter.Verdicts;

namespace Sternpost.Filter.SpamAssassin;

/// <summary>
/// Judges by SpamAssassin's rules, where the administrator has named some. What they come to is one finding, its points turned into
/// log-odds and bounded: other people's rules may tip the scales, and never break them.
/// </summary>
internal sealed class RuleJudge(RuleSet rules, double weight, bool every, TimeProvider time) : LocalJudge
{
    // Twelve points and more mean the same.
    private const double MostPoints = 12;
    private const int MostNamed = 8;

    private static readonly Symbol Rules = new("SPAMASSASSIN", 0, "SpamAssassin's rules speak about this message; the weight says which way.");

    public override string Name => "spamassassin";

    public override IReadOnlyList<Symbol> Symbols => [Rules];

    protected override IReadOnlyList<Finding> Judge(MessageUnderJudgement message)
    {
        var hits = RuleRunner.Run(rules, ReceivedHere.Prepend(message), time: time, complete: every);
        var scoring = hits.Hit.Where(hit => !rules.IsSubrule[hit]).OrderByDescending(hit => Math.Abs(rules.Scores[hit])).ThenBy(hit => rules.Ranks[hit]).ToList();
        var points = scoring.Sum(hit => rules.Scores[hit]);
        var data = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["points"] = points.ToString("0.0##", CultureInfo.InvariantCulture),
            ["rules"] = Join(scoring),
            ["subrules"] = Join(hits.Hit.Where(hit => rules.IsSubrule[hit])),
        };
        if (hits.Budget.TimedOut > 0 || hits.Budget.Exhausted) data["timedOut"] = "true";
        return [new Finding(Rules.Name, Math.Clamp(points, -MostPoints, MostPoints) * weight, Explain(scoring, points), data)];
    }

    private string Join(IEnumerable<int> hits)
    {
        var sorted = hits.ToArray();
        Array.Sort(Array.ConvertAll(sorted, hit => rules.Ranks[hit]), sorted);
        return string.Join(',', Array.ConvertAll(sorted, hit => rules.Names[hit]));
    }

    private string Explain(List<int> scoring, double points)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"SpamAssassin's rules come to {points:0.0} points");
        for (var i = 0; i < scoring.Count && i < MostNamed; i++) text.Append(i == 0 ? ": " : ", ").Append(CultureInfo.InvariantCulture, $"{rules.Names[scoring[i]]} {rules.Scores[scoring[i]]:0.0##}");
        return text.Append(scoring.Count > MostNamed ? " and others." : ".").ToString();
    }
}
