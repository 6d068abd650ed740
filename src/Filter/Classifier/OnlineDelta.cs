namespace Sternpost.Filter.Classifier;

/// <summary>
/// What was learned on top of the shipped model: weight deltas for both learners, trained on error or near it (TONE), and an
/// on-line combiner of their sums. Goodman and Yih's on-line logistic regression, one step per message.
/// </summary>
internal sealed class OnlineDelta
{
    internal const int Bits = 22;
    private const float GramRate = 0.004f;
    private const float WordRate = 0.02f;
    private const float CombinerRate = 0.002f;

    private float gramFactor;
    private float wordFactor;
    private float bias;

    internal OnlineDelta(DayZeroModel? model)
    {
        gramFactor = model?.Calibration.Grams ?? 0.6f;
        wordFactor = model?.Calibration.Words ?? 0.6f;
        bias = model?.Calibration.Bias ?? 0;
    }

    internal WeightTable Grams { get; } = new(Bits);

    internal WeightTable Words { get; } = new(Bits);

    internal float Fuse(float grams, float words) =>
        Math.Clamp((gramFactor * grams) + (wordFactor * words) + bias, -30, 30);

    internal void Learn(Features features, float gramSum, float wordSum, bool spam)
    {
        var label = spam ? 1.0 : 0.0;
        Step(Grams, features.Grams, gramSum, label, GramRate);
        Step(Words, features.Words, wordSum, label, WordRate);
        var error = (float)(label - Probability(Fuse(gramSum, wordSum)));
        gramFactor = Math.Clamp(gramFactor + (error * CombinerRate * Math.Clamp(gramSum, -10, 10)), 0.1f, 3);
        wordFactor = Math.Clamp(wordFactor + (error * CombinerRate * Math.Clamp(wordSum, -10, 10)), 0.1f, 3);
        bias += error * CombinerRate;
    }

    private static void Step(WeightTable table, ReadOnlySpan<uint> features, double sum, double label, float rate)
    {
        var error = label - Probability(sum);
        table.Add(features, (float)error * rate);
    }

    private static double Probability(double sum) => 1 / (1 + Math.Exp(-sum));
}
