using Sternpost.Filter.Verdicts;

namespace Sternpost.Fronts;

/// <summary>
/// Our score on another program's scale, so that thresholds already written into somebody's configuration keep their meaning:
/// where we say junk, that program's "mark it" threshold is reached, and where we say reject its "refuse it" threshold is.
/// </summary>
/// <param name="junkThreshold">Our score for junk.</param>
/// <param name="rejectThreshold">Our score for reject.</param>
/// <param name="mark">The other scale's threshold for marking.</param>
/// <param name="refuse">The other scale's threshold for refusing.</param>
internal sealed class ScoreScale(double junkThreshold, double rejectThreshold, double mark, double refuse)
{
    // Below this nobody's configuration tells scores apart.
    private const double Least = -20;
    private const double Most = 99;

    private readonly double slope = (refuse - mark) / Math.Max(rejectThreshold - junkThreshold, 1);

    internal double Mark => mark;

    internal double Refuse => refuse;

    /// <summary>The score of a verdict, rounded to a tenth, on the side of each threshold on which the verdict is.</summary>
    internal double Of(Verdict verdict)
    {
        var (least, most) = verdict.Disposition switch
        {
            Disposition.Accept => (Least, mark - 0.1),
            Disposition.Junk => (mark, refuse - 0.1),
            _ => (refuse, Most),
        };
        return Math.Round(Math.Clamp(mark + ((verdict.Score - junkThreshold) * slope), least, most), 1);
    }

    /// <summary>A finding's weight on the same scale.</summary>
    internal double OfWeight(double weight) => Math.Round(weight * slope, 2);
}
