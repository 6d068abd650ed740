namespace Sternpost.Filter.Classifier;

/// <summary>
/// Logistic weights learned on top of the shipped ones, one step a message, each weight with a step size of its own (AdaGrad):
/// rare features move at once, common ones settle.
/// </summary>
internal sealed class OnlineLearner
{
    internal const int Bits = 20;

    private const float Rate = 0.05f;
    private const float Start = 0.03f;

    private readonly float[] weights = new float[1 << Bits];
    private readonly float[] squares = new float[1 << Bits];

    internal float Sum(ReadOnlySpan<uint> features)
    {
        var sum = 0f;
        foreach (var feature in features) sum += weights[feature >> (32 - Bits)];
        return sum;
    }

    internal void Learn(ReadOnlySpan<uint> features, float error)
    {
        var gradient = error * Features.Scale(features.Length);
        var square = gradient * gradient;
        foreach (var feature in features)
        {
            var index = feature >> (32 - Bits);
            squares[index] += square;
            weights[index] += Rate * gradient / MathF.Sqrt(Start + squares[index]);
        }
    }
}
