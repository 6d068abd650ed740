using Sternpost.Filter.Classifier;

namespace Sternpost.Filter.Training;

/// <summary>
/// Logistic regression over hashed features: several passes in shuffled order with a step of its own for each weight (AdaGrad),
/// messages scaled by their length.
/// </summary>
internal static class LogisticTrainer
{
    private const float Start = 0.01f;

    internal static WeightTable Train(IReadOnlyList<TrainingSample> samples, Learner learner, int passes, CancellationToken cancellation)
    {
        var table = new WeightTable(learner.Bits);
        var squares = new float[1 << learner.Bits];
        var order = new int[samples.Count];
        for (var i = 0; i < order.Length; i++) order[i] = i;
        // A fixed seed: the same corpora make the same model.
        var random = new Random(20240501);
        for (var pass = 0; pass < passes; pass++)
        {
            random.Shuffle(order);
            foreach (var i in order)
            {
                cancellation.ThrowIfCancellationRequested();
                var sample = samples[i];
                Learn(table, squares, sample.Features[learner.Kind], sample.Spam, sample.Weight, learner.Rate);
            }
        }
        return table;
    }

    private static void Learn(WeightTable table, float[] squares, ReadOnlySpan<uint> features, bool spam, float weight, float rate)
    {
        var scale = Features.Scale(features.Length);
        var gradient = ((spam ? 1f : 0f) - (1 / (1 + MathF.Exp(-table.Sum(features) * scale)))) * weight * scale;
        // Messages known well teach nothing; leaving them out is most of the speed of later passes.
        if (Math.Abs(gradient) < 1e-4f) return;
        var weights = table.Weights;
        var square = gradient * gradient;
        foreach (var feature in features)
        {
            var index = (int)(feature >> (32 - table.Bits));
            squares[index] += square;
            weights[index] += rate * gradient / MathF.Sqrt(Start + squares[index]);
        }
    }
}

/// <summary>One message ready to be learned.</summary>
/// <param name="Features">What the learners see of it.</param>
/// <param name="Spam">Its label.</param>
/// <param name="CorpusWeight">The weight of the corpus it is from.</param>
/// <param name="Corpus">The number of that corpus.</param>
internal sealed record TrainingSample(Features Features, bool Spam, float CorpusWeight, int Corpus)
{
    /// <summary>How much it counts: its corpus's weight, more where it was found hard.</summary>
    internal float Weight { get; set; } = CorpusWeight;
}
