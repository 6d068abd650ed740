using Sternpost.Filter.Classifier;

namespace Sternpost.Filter.Training;

/// <summary>
/// Logistic regression over binary hashed features: several passes in shuffled order with a step of its own for each weight
/// (AdaGrad), so that words seen once still count and common ones settle.
/// </summary>
internal sealed class LogisticTrainer(int bits, float rate)
{
    // The first step of a fresh weight is rate/sqrt(Start): without it one odd message would set its rare words for good.
    private const float Start = 1f;

    private readonly float[] squares = new float[1 << bits];

    internal WeightTable Table { get; } = new(bits);

    internal void Learn(ReadOnlySpan<uint> features, bool spam, float weight)
    {
        var sum = Table.Sum(features);
        var gradient = ((spam ? 1f : 0f) - (1 / (1 + MathF.Exp(-sum)))) * weight;
        // Messages known well teach nothing; leaving them out is most of the speed of later passes.
        if (Math.Abs(gradient) < 1e-4f) return;
        var weights = Table.Weights;
        var square = gradient * gradient;
        foreach (var feature in features)
        {
            var index = feature >> (32 - bits);
            squares[index] += square;
            weights[(int)index] += rate * gradient / MathF.Sqrt(Start + squares[index]);
        }
    }

    internal static WeightTable Train(IReadOnlyList<TrainingSample> samples, Func<Features, uint[]> select, int bits, float rate, int passes, CancellationToken cancellation)
    {
        var trainer = new LogisticTrainer(bits, rate);
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
                trainer.Learn(select(sample.Features), sample.Spam, sample.Weight);
            }
        }
        return trainer.Table;
    }
}

/// <summary>One message ready to be learned.</summary>
internal sealed record TrainingSample(Features Features, bool Spam, float Weight, int Corpus);
