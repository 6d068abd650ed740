using Sternpost.Filter.Evidence.Findings;

namespace Sternpost.Filter.Evidence.Refitting;

/// <summary>The scores of known messages, as they are and as other weights would make them: two numbers a message, so that a month of a large server fits.</summary>
internal sealed class LabelledScores(IReadOnlyDictionary<string, double> factors)
{
    /// <summary>By what the weights are multiplied.</summary>
    internal IReadOnlyDictionary<string, double> Factors { get; } = factors;

    internal List<(float Now, float Then)> Ham { get; } = [];

    internal List<(float Now, float Then)> Spam { get; } = [];

    internal void Add(KeptMessage message)
    {
        double now = 0, then = 0;
        foreach (var finding in message.Findings)
        {
            now += finding.Weight;
            then += finding.Weight * Factors.GetValueOrDefault(finding.Symbol, 1);
        }
        (message.IsSpam == true ? Spam : Ham).Add(((float)now, (float)then));
    }

    /// <summary>The lowest threshold that would lose no more than the share of the wanted.</summary>
    internal double Threshold(double ceiling)
    {
        var scores = Ham.Select(message => message.Then).OrderDescending().ToList();
        return Math.Max(1, scores[(int)(scores.Count * ceiling)] + 0.05);
    }

    internal RefitOutcome OutcomeNow(double junkAt, double rejectAt) => Outcome(message => message.Now, junkAt, rejectAt);

    internal RefitOutcome OutcomeThen(double junkAt, double rejectAt) => Outcome(message => message.Then, junkAt, rejectAt);

    private RefitOutcome Outcome(Func<(float Now, float Then), float> score, double junkAt, double rejectAt) =>
        new(Ham.Count(message => score(message) >= junkAt), Ham.Count(message => score(message) >= rejectAt), Spam.Count(message => score(message) < junkAt));
}

/// <summary>What thresholds do to known messages.</summary>
internal readonly record struct RefitOutcome(int LostHam, int RefusedHam, int MissedSpam);
