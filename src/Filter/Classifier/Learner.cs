namespace Sternpost.Filter.Classifier;

/// <summary>One opinion among several: a view of the message and a way to learn from it. The order of <see cref="All"/> is part of the model's format.</summary>
/// <param name="Kind">What it reads.</param>
/// <param name="Generative">True where it compares how often each class shows a feature; false where it draws the border between them (logistic regression).</param>
/// <param name="Bits">The size of its table, as a power of two.</param>
/// <param name="Rate">Its step when the day-zero model is trained.</param>
/// <param name="Share">How often its opinion counts in the sum, before this server has learned whom to trust.</param>
internal sealed record Learner(FeatureKind Kind, bool Generative, int Bits, float Rate, float Share = 1)
{
    /// <summary>Log-odds beyond which none is heard, so that none can silence the others.</summary>
    internal const float Limit = 8;

    // The mean log ratio of a generative learner lies within ±4, in practice within ±1.
    private const float GenerativeFactor = 6;
    private const int GenerativePrior = 20;

    /// <summary>The learners, chosen to err differently (docs/accuracy.md).</summary>
    internal static readonly Learner[] All =
    [
        new(FeatureKind.Header, false, 19, 0.05f),
        new(FeatureKind.Body, false, 20, 0.05f),
        new(FeatureKind.Words, false, 20, 0.05f),
        new(FeatureKind.Structure, false, 19, 0.05f, Share: 0.5f),
        new(FeatureKind.Raw, false, 20, 0.05f, Share: 2),
        new(FeatureKind.Text, false, 20, 0.05f),
        new(FeatureKind.Text, true, 20, 0),
        new(FeatureKind.Words, true, 19, 0),
    ];

    /// <summary>Log-odds from the sum of the weights of <paramref name="count"/> features, not bounded yet.</summary>
    internal float Score(float sum, int count) =>
        // The mean over the text, so that its length is no evidence.
        Generative ? GenerativeFactor * sum / (count + GenerativePrior) : sum * Features.Scale(count);
}
