namespace Sternpost.Filter.Classifier;

/// <summary>
/// Two logistic regressions that err differently, over octets and over words, fused and calibrated: the shipped model, plus
/// what this server learned since. Reading is lock-free; learning is for one thread at a time.
/// </summary>
public sealed class StatisticalClassifier
{
    private readonly DayZeroModel? model;
    private readonly OnlineDelta? delta;

    /// <summary>A classifier on the shipped model, or on nothing where <paramref name="model"/> is null; <paramref name="learning"/> gives it a delta to learn in.</summary>
    public StatisticalClassifier(DayZeroModel? model, bool learning = false)
    {
        this.model = model;
        if (learning) delta = new OnlineDelta(model);
    }

    /// <summary>The calibrated log-odds of spam.</summary>
    internal double LogOdds(ReadOnlySpan<uint> grams, ReadOnlySpan<uint> words)
    {
        var (gramSum, wordSum) = Sums(grams, words);
        return delta is null ? (model?.Calibration ?? default).Fuse(gramSum, wordSum) : delta.Fuse(gramSum, wordSum);
    }

    /// <summary>Learns the true label of a message already judged.</summary>
    internal void Learn(Features features, bool spam)
    {
        if (delta is null) return;
        var (gramSum, wordSum) = Sums(features.Grams, features.Words);
        delta.Learn(features, gramSum, wordSum, spam);
    }

    private (float Grams, float Words) Sums(ReadOnlySpan<uint> grams, ReadOnlySpan<uint> words)
    {
        var gramSum = model?.Grams.Sum(grams) ?? 0;
        var wordSum = model?.Words.Sum(words) ?? 0;
        if (delta is null) return (gramSum, wordSum);
        return (gramSum + delta.Grams.Sum(grams), wordSum + delta.Words.Sum(words));
    }
}
