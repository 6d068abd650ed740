namespace Sternpost.Filter.Classifier;

/// <summary>How the two learners' sums become one log-odds: <c>grams·G + words·W + bias</c>, fitted on messages neither learned from.</summary>
internal readonly record struct Calibration(float Grams, float Words, float Bias)
{
    // Beyond this no corpus can tell probabilities apart, and one judge must not silence the others.
    internal const float Limit = 12;

    internal float Fuse(float grams, float words) => Math.Clamp((Grams * grams) + (Words * words) + Bias, -Limit, Limit);

    /// <summary>Logistic regression of the label on the two sums by Newton's method, with a small ridge for separable sets.</summary>
    internal static Calibration Fit(IReadOnlyList<(float Grams, float Words, bool Spam)> samples)
    {
        double a = 0.5, b = 0.5, c = 0;
        for (var round = 0; round < 50; round++)
        {
            double g0 = 0, g1 = 0, g2 = 0, h00 = 1e-3, h01 = 0, h02 = 0, h11 = 1e-3, h12 = 0, h22 = 1e-3;
            foreach (var (x, y, spam) in samples)
            {
                var p = 1 / (1 + Math.Exp(-((a * x) + (b * y) + c)));
                var error = (spam ? 1 : 0) - p;
                var w = p * (1 - p);
                g0 += error * x;
                g1 += error * y;
                g2 += error;
                h00 += w * x * x;
                h01 += w * x * y;
                h02 += w * x;
                h11 += w * y * y;
                h12 += w * y;
                h22 += w;
            }
            var det = (h00 * ((h11 * h22) - (h12 * h12))) - (h01 * ((h01 * h22) - (h12 * h02))) + (h02 * ((h01 * h12) - (h11 * h02)));
            if (Math.Abs(det) < 1e-12) break;
            a += ((g0 * ((h11 * h22) - (h12 * h12))) + (g1 * ((h02 * h12) - (h01 * h22))) + (g2 * ((h01 * h12) - (h02 * h11)))) / det;
            b += ((g0 * ((h12 * h02) - (h01 * h22))) + (g1 * ((h00 * h22) - (h02 * h02))) + (g2 * ((h01 * h02) - (h00 * h12)))) / det;
            c += ((g0 * ((h01 * h12) - (h11 * h02))) + (g1 * ((h01 * h02) - (h00 * h12))) + (g2 * ((h00 * h11) - (h01 * h01)))) / det;
        }
        return new Calibration((float)a, (float)b, (float)c);
    }
}
