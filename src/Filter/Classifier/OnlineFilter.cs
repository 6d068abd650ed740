namespace Sternpost.Filter.Classifier;

/// <summary>What was learned on this server: weights on top of each shipped learner's, and a combiner that learns whom to trust.</summary>
internal sealed class OnlineFilter
{
    private const float CombinerRate = 0.008f;

    // Half of each step serves the learner's own mistake, half that of all together: learners stay able to stand alone and still
    // leave to each other what the others do well.
    private const float OwnShare = 0.5f;

    private readonly OnlineLearner[] learners = new OnlineLearner[Learner.All.Length];
    private readonly float[] trust = new float[Learner.All.Length];
    private float bias;

    internal OnlineFilter(DayZeroModel? model)
    {
        for (var i = 0; i < learners.Length; i++)
        {
            learners[i] = new OnlineLearner();
            // The shares are for mail of sources not met yet; where all was learned here, each learner speaks alike.
            trust[i] = model is null ? 1f / learners.Length : model.Calibration.Slope * Learner.All[i].Share;
        }
        bias = model?.Calibration.Bias ?? 0;
    }

    /// <summary>The part of learner number <paramref name="learner"/>'s log-odds that was learned here.</summary>
    internal float Score(int learner, ReadOnlySpan<uint> features) => learners[learner].Sum(features) * Features.Scale(features.Length);

    internal float Fuse(ReadOnlySpan<float> scores)
    {
        var sum = bias;
        for (var i = 0; i < scores.Length; i++) sum += trust[i] * scores[i];
        return sum;
    }

    internal void Learn(Features features, ReadOnlySpan<float> scores, bool spam)
    {
        var label = spam ? 1f : 0f;
        var fusedError = label - Probability(Fuse(scores));
        for (var i = 0; i < learners.Length; i++)
        {
            var error = (OwnShare * (label - Probability(scores[i]))) + ((1 - OwnShare) * fusedError);
            learners[i].Learn(features[Learner.All[i].Kind], error);
            trust[i] += CombinerRate * fusedError * scores[i];
        }
        bias += CombinerRate * fusedError;
    }

    private static float Probability(float logOdds) => 1 / (1 + MathF.Exp(-logOdds));
}
