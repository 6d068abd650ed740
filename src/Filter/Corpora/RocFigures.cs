namespace Sternpost.Filter.Corpora;

/// <summary>
/// How well scores separate spam from ham. (1−ROCA)% is the chance in percent that a random spam scores below a random ham;
/// the misses say how much spam stays below the threshold that costs a given share of ham. All in percent.
/// </summary>
/// <param name="Ham">Wanted messages.</param>
/// <param name="Spam">Spam messages.</param>
/// <param name="RocaComplement">(1−ROCA)%.</param>
/// <param name="SpamMissedAtOneInThousand">Spam missed where 0.1 % of ham is lost.</param>
/// <param name="SpamMissedAtNone">Spam missed where no ham is lost.</param>
public sealed record RocFigures(int Ham, int Spam, double RocaComplement, double SpamMissedAtOneInThousand, double SpamMissedAtNone)
{
    /// <summary>Figures of scores that rise with spamminess. With no ham or no spam, what cannot be told is NaN.</summary>
    public static RocFigures Of(IEnumerable<(double Score, bool Spam)> scores)
    {
        var ham = new List<double>();
        var spam = new List<double>();
        foreach (var (score, isSpam) in scores) (isSpam ? spam : ham).Add(score);
        if (ham.Count == 0 || spam.Count == 0) return new RocFigures(ham.Count, spam.Count, double.NaN, double.NaN, double.NaN);
        ham.Sort();
        spam.Sort();
        return new RocFigures(ham.Count, spam.Count, 100 * (1 - Area(ham, spam)), Missed(ham, spam, 0.001), Missed(ham, spam, 0));
    }

    /// <summary>The lowest threshold at which at most <paramref name="share"/> of the ham scores above it; sorted input.</summary>
    internal static double Threshold(List<double> ham, double share) => ham[ham.Count - 1 - (int)Math.Floor(share * ham.Count)];

    // Sum over spam of the ham below it, ties counting half: one merge of the two sorted lists.
    private static double Area(List<double> ham, List<double> spam)
    {
        double below = 0;
        int lower = 0, upper = 0;
        foreach (var score in spam)
        {
            while (lower < ham.Count && ham[lower] < score) lower++;
            while (upper < ham.Count && ham[upper] <= score) upper++;
            below += lower + (0.5 * (upper - lower));
        }
        return below / spam.Count / ham.Count;
    }

    private static double Missed(List<double> ham, List<double> spam, double share)
    {
        var threshold = Threshold(ham, share);
        var missed = 0;
        while (missed < spam.Count && spam[missed] <= threshold) missed++;
        return 100.0 * missed / spam.Count;
    }
}
