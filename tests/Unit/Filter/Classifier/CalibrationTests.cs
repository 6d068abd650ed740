using Sternpost.Filter.Classifier;

namespace Sternpost.Unit.Filter.Classifier;

public class CalibrationTests
{
    [Fact]
    public void Finds_the_slope_and_bias_that_made_the_labels()
    {
        var fitted = Calibration.Fit(Drawn(slope: 0.3, bias: -1, reach: 40));
        Assert.Equal(0.3f, fitted.Slope, 0.03f);
        Assert.Equal(-1f, fitted.Bias, 0.2f);
    }

    [Fact]
    public void Classes_that_do_not_overlap_give_a_finite_slope()
    {
        var fitted = Calibration.Fit([.. Enumerable.Range(1, 500).SelectMany(i => new[] { (50f + (i / 100f), true), (-50f - (i / 100f), false) })]);
        Assert.InRange(fitted.Slope, 0.05f, 2);
        Assert.InRange(fitted.LogOdds(55), 3, 20);
        Assert.InRange(fitted.LogOdds(-55), -20, -3);
    }

    [Fact]
    public void The_surest_messages_still_differ()
    {
        var calibration = new Calibration(1, 0);
        var last = float.NegativeInfinity;
        for (var sum = -60f; sum <= 60; sum += 0.5f)
        {
            var logOdds = calibration.LogOdds(sum);
            Assert.True(logOdds > last);
            last = logOdds;
        }
        Assert.Equal(2f, calibration.LogOdds(2));
        Assert.InRange(last, 12, 16);
    }

    [Theory]
    [InlineData(0.001)]
    [InlineData(0.01)]
    public void No_more_wanted_mail_than_the_ceiling_reaches_the_threshold(double share)
    {
        List<(float Sum, bool Spam)> samples = [.. Drawn(0.2, 0, reach: 30)];
        var careful = Calibration.Fit(samples).WithCeiling(samples, threshold: 3, share);
        var ham = samples.Where(sample => !sample.Spam).ToList();
        Assert.True(ham.Count(sample => careful.LogOdds(sample.Sum) >= 3) <= ham.Count * share);
    }

    private static List<(float Sum, bool Spam)> Drawn(double slope, double bias, float reach)
    {
        var random = new Random(7);
        var samples = new List<(float, bool)>();
        for (var i = 0; i < 20_000; i++)
        {
            var sum = (float)((random.NextDouble() * 2) - 1) * reach;
            samples.Add((sum, random.NextDouble() < 1 / (1 + Math.Exp(-((slope * sum) + bias)))));
        }
        return samples;
    }
}
