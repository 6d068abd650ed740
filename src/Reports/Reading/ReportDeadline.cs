namespace Sternpost.Reports.Reading;

/// <summary>A message's time, looked at now and then by whoever works on it.</summary>
internal sealed class ReportDeadline(TimeProvider time, TimeSpan patience)
{
    private readonly long start = time.GetTimestamp();

    /// <exception cref="ReportException">It is up.</exception>
    internal void Check()
    {
        if (time.GetElapsedTime(start) > patience) throw new ReportException("reading it took too long");
    }
}

/// <summary>Thrown inside a reader to its own entry, which turns it into a refusal: a report in pieces has many places to fail.</summary>
internal sealed class ReportException(string why) : Exception(why);
