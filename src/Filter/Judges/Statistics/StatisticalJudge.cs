using Sternpost.Filter.Classifier;
using Sternpost.Filter.Verdicts;

namespace Sternpost.Filter.Judges.Statistics;

/// <summary>The trained classifier as a judge: its calibrated log-odds are the weight.</summary>
internal sealed class StatisticalJudge(StatisticalClassifier classifier) : LocalJudge
{
    private static readonly Symbol Statistics = new(VerdictRule.StatisticalSymbol, 0, "The classifier's opinion of words and form; the weight is its log-odds of spam.");

    public override string Name => "statistics";

    public override IReadOnlyList<Symbol> Symbols => [Statistics];

    protected override IReadOnlyList<Finding> Judge(MessageUnderJudgement message)
    {
        var features = message.Features ??= FeatureExtractor.Of(message);
        var logOdds = classifier.LogOdds(features);
        return [Statistics.Found(Explain(logOdds), logOdds)];
    }

    private static string Explain(double logOdds) => logOdds switch
    {
        >= 4 => "Its words and form are those of known spam.",
        >= 1 => "Its words and form resemble known spam.",
        > -1 => "Its words and form are neither typical of spam nor of wanted mail.",
        _ => "Its words and form are those of wanted mail.",
    };
}
