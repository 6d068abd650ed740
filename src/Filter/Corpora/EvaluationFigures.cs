using Sternpost.Filter.Verdicts;

namespace Sternpost.Filter.Corpora;

/// <summary>What an evaluation came to. Shares are in percent.</summary>
public sealed record EvaluationFigures
{
    /// <summary>Separation by score.</summary>
    public required RocFigures Roc { get; init; }

    /// <summary>Wanted messages that the shipped thresholds would have filed as junk or refused.</summary>
    public required int HamMisclassified { get; init; }

    /// <summary>Of those, how many would have been refused.</summary>
    public required int HamRejected { get; init; }

    /// <summary>Spam filed as junk or refused.</summary>
    public required int SpamCaught { get; init; }

    /// <summary>Of those, how many refused.</summary>
    public required int SpamRejected { get; init; }

    /// <summary>Share of ham misclassified, in percent.</summary>
    public double HamMisclassifiedPercent => Percent(HamMisclassified, Roc.Ham);

    /// <summary>Share of spam caught, in percent.</summary>
    public double SpamCaughtPercent => Percent(SpamCaught, Roc.Spam);

    /// <summary>The figures of <paramref name="judged"/>.</summary>
    public static EvaluationFigures Of(IReadOnlyCollection<JudgedMessage> judged) => new()
    {
        Roc = RocFigures.Of(judged.Select(one => (one.Score, one.Message.Spam))),
        HamMisclassified = judged.Count(one => !one.Message.Spam && one.Disposition != Disposition.Accept),
        HamRejected = judged.Count(one => !one.Message.Spam && one.Disposition == Disposition.Reject),
        SpamCaught = judged.Count(one => one.Message.Spam && one.Disposition != Disposition.Accept),
        SpamRejected = judged.Count(one => one.Message.Spam && one.Disposition == Disposition.Reject),
    };

    private static double Percent(int part, int whole) => whole == 0 ? double.NaN : 100.0 * part / whole;
}
