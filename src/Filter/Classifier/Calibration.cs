namespace Sternpost.Filter.Classifier;

/// <summary>
/// How the learners' scores become one log-odds: their sum, each by its share, stretched and shifted. The shares are few and round
/// on purpose: weights fitted to one set of sources favour the learner that knows those sources best, and lose on others.
/// </summary>
/// <param name="Slope">Log-odds for each unit of the sum.</param>
/// <param name="Bias">Log-odds where the sum is 0.</param>
/// <param name="Caution">Taken off in favour of wanted mail.</param>
internal readonly record struct Calibration(float Slope, float Bias, float Caution = 0)
{
    // Beyond this no corpus can tell probabilities apart, and one judge must not silence the others. What is beyond is pressed
    // together, not cut off: cut off, the surest messages would all be alike, and no threshold could be set among them.
    private const float Sure = 6;
    private const float Softness = 3;

    private const double Ridge = 1e-3;

    internal float LogOdds(ReadOnlySpan<float> scores)
    {
        var sum = 0f;
        for (var i = 0; i < scores.Length; i++) sum += Learner.All[i].Share * scores[i];
        return LogOdds(sum);
    }

    internal float LogOdds(float sum) => Press((Slope * sum) + Bias) - Caution;

    /// <summary>The log-odds themselves while they are moderate, and ever less more of them the surer they are.</summary>
    internal static float Press(float logOdds)
    {
        var size = Math.Abs(logOdds);
        return size <= Sure ? logOdds : MathF.CopySign(Sure + (Softness * MathF.Log(1 + ((size - Sure) / Softness))), logOdds);
    }

    /// <summary>
    /// The same with enough caution that no more than <paramref name="share"/> of the wanted mail among <paramref name="samples"/>
    /// reaches <paramref name="threshold"/>: where the two disagree, the ceiling on lost mail counts and the probability gives way.
    /// </summary>
    internal Calibration WithCeiling(IEnumerable<(float Sum, bool Spam)> samples, double threshold, double share)
    {
        var ham = samples.Where(sample => !sample.Spam).Select(sample => sample.Sum).OrderDescending().ToList();
        if (ham.Count == 0) return this;
        var highest = LogOdds(ham[(int)(ham.Count * share)]);
        return highest < threshold ? this : this with { Caution = Caution + (float)(highest - threshold) + 0.001f };
    }

    /// <summary>Logistic regression of the label on the sum (Platt 1999) by Newton's method with halved steps, and a small ridge for separable sets.</summary>
    internal static Calibration Fit(IReadOnlyList<(float Sum, bool Spam)> samples)
    {
        // From nothing: begun anywhere else, every probability may be 0 or 1 already, and Newton's step has no bound.
        double slope = 0, bias = 0;
        var loss = Loss(samples, slope, bias);
        for (var round = 0; round < 50; round++)
        {
            double gradientSlope = -Ridge * slope, gradientBias = 0, h00 = Ridge, h01 = 0, h11 = Ridge;
            foreach (var (sum, spam) in samples)
            {
                var probability = 1 / (1 + Math.Exp(-((slope * sum) + bias)));
                var error = (spam ? 1 : 0) - probability;
                var curvature = probability * (1 - probability);
                gradientSlope += error * sum;
                gradientBias += error;
                h00 += curvature * sum * sum;
                h01 += curvature * sum;
                h11 += curvature;
            }
            var determinant = (h00 * h11) - (h01 * h01);
            if (Math.Abs(determinant) < 1e-12) break;
            var stepSlope = ((gradientSlope * h11) - (gradientBias * h01)) / determinant;
            var stepBias = ((gradientBias * h00) - (gradientSlope * h01)) / determinant;
            var better = false;
            for (var size = 1.0; size > 1e-4 && !better; size /= 2)
            {
                var tried = Loss(samples, slope + (size * stepSlope), bias + (size * stepBias));
                if (tried >= loss) continue;
                better = loss - tried > 1e-9 * loss;
                (slope, bias, loss) = (slope + (size * stepSlope), bias + (size * stepBias), tried);
                break;
            }
            if (!better) break;
        }
        return new Calibration((float)slope, (float)bias);
    }

    private static double Loss(IReadOnlyList<(float Sum, bool Spam)> samples, double slope, double bias)
    {
        var loss = Ridge * slope * slope / 2;
        foreach (var (sum, spam) in samples)
        {
            var logOdds = (slope * sum) + bias;
            var wrong = spam ? -logOdds : logOdds;
            loss += wrong > 30 ? wrong : Math.Log(1 + Math.Exp(wrong));
        }
        return loss;
    }
}
