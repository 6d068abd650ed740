namespace Sternpost.Filter.Classifier;

/// <summary>Weights being trained: one for each bucket of the hash's high bits.</summary>
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
}
