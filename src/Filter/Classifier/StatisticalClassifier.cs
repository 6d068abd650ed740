namespace Sternpost.Filter.Classifier;

/// <summary>
/// Learners that err differently, each over its own view of the message, added and calibrated: the shipped model, plus what this
/// server learned since. Reading is lock-free; learning is for one thread at a time.
/// </summary>
public sealed class StatisticalClassifier
{
    private readonly DayZeroModel? model;
    private readonly OnlineFilter? learned;

    /// <summary>A classifier on the shipped model, or on nothing where <paramref name="model"/> is null; <paramref name="learning"/> lets it learn.</summary>
    public StatisticalClassifier(DayZeroModel? model, bool learning = false)
    {
        this.model = model;
        if (learning) learned = new OnlineFilter(model);
    }

    /// <summary>The calibrated log-odds of spam.</summary>
    internal double LogOdds(Features features)
    {
        Span<float> scores = stackalloc float[Learner.All.Length];
        Score(features, scores);
        if (learned is null) return model?.Calibration.LogOdds(scores) ?? 0;
        return Calibration.Press(learned.Fuse(scores)) - (model?.Calibration.Caution ?? 0);
    }

    /// <summary>Learns the true label of a message already judged.</summary>
    internal void Learn(Features features, bool spam)
    {
        if (learned is null) return;
        Span<float> scores = stackalloc float[Learner.All.Length];
        Score(features, scores);
        learned.Learn(features, scores, spam);
    }

    private void Score(Features features, Span<float> scores)
    {
        for (var i = 0; i < scores.Length; i++)
        {
            var learner = Learner.All[i];
            ReadOnlySpan<uint> set = features[learner.Kind];
            var score = learner.Score(model?.Sum(i, set) ?? 0, set.Length) + (learned?.Score(i, set) ?? 0);
            scores[i] = Math.Clamp(score, -Learner.Limit, Learner.Limit);
        }
    }
}
