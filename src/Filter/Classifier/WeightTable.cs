namespace Sternpost.Filter.Classifier;

/// <summary>Logistic weights being learned: one per bucket of the hash's high bits.</summary>
internal sealed class WeightTable(int bits)
{
    private readonly float[] weights = new float[1 << bits];

    internal int Bits => bits;

    internal Span<float> Weights => weights;

    internal float Sum(ReadOnlySpan<uint> features)
    {
        var sum = 0f;
        foreach (var feature in features) sum += weights[feature >> (32 - bits)];
        return sum;
    }

    internal void Add(ReadOnlySpan<uint> features, float step)
    {
        foreach (var feature in features) weights[feature >> (32 - bits)] += step;
    }
}
