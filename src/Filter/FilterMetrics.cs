using System.Diagnostics.Metrics;

namespace Sternpost.Filter;

/// <summary>What operators watch of judging.</summary>
internal static class FilterMetrics
{
    private static readonly Meter Meter = new("Sternpost");

    private static readonly Counter<long> Judged = Meter.CreateCounter<long>("sternpost.filter.judged", "{message}", "Messages judged, by disposition");

    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>("sternpost.filter.duration", "s", "Time from the whole message to its verdict");

    private static readonly Counter<long> Failures = Meter.CreateCounter<long>("sternpost.filter.judge.failures", "{failure}", "Judges that failed or were late, by judge");

    private static readonly Counter<long> Lessons = Meter.CreateCounter<long>("sternpost.filter.lessons", "{lesson}", "Messages taught, by label");

    private static readonly Counter<long> MovedLater = Meter.CreateCounter<long>("sternpost.filter.moved_later", "{message}", "Delivered messages moved to Junk when evidence turned");

    private static readonly Counter<long> Deferred = Meter.CreateCounter<long>("sternpost.filter.greylisted", "{message}", "Messages whose client was asked to come back");

    internal static void RecordMovedLater() => MovedLater.Add(1);

    internal static void RecordGreylisted() => Deferred.Add(1);

    internal static void RecordJudged(string disposition, TimeSpan elapsed)
    {
        Judged.Add(1, new KeyValuePair<string, object?>("disposition", disposition));
        Duration.Record(elapsed.TotalSeconds);
    }

    internal static void RecordFailure(string judge) => Failures.Add(1, new KeyValuePair<string, object?>("judge", judge));

    internal static void RecordLesson(bool junk) => Lessons.Add(1, new KeyValuePair<string, object?>("label", junk ? "spam" : "ham"));
}
