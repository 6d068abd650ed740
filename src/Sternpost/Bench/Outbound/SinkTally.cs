using System.Diagnostics;

namespace Sternpost.Bench.Outbound;

/// <summary>What a sink has seen so far; one line of JSON between the processes.</summary>
internal sealed record SinkReport(int Delivered, int DeliveredAgain, int Bounced, int BouncedAgain, int Connections, int MostConnections, int PutOff, int Hung, int Closed, Percentiles Seconds);

/// <summary>Counts each message apart: what matters is that each comes once.</summary>
internal sealed class SinkTally(int messages)
{
    private readonly int[] delivered = new int[messages];
    private readonly int[] bounced = new int[messages];
    private readonly int[] tries = new int[messages];
    private readonly double[] seconds = new double[messages];
    private readonly Dictionary<int, int> incidents = [];
    private readonly Lock gate = new();
    private long begun = Stopwatch.GetTimestamp();
    private int connections;
    private int open;
    private int mostOpen;
    private int putOff;
    private int hung;
    private int closed;

    /// <summary>The clock starts now.</summary>
    public void Begin() => begun = Stopwatch.GetTimestamp();

    public void Connected()
    {
        lock (gate)
        {
            connections++;
            mostOpen = Math.Max(mostOpen, ++open);
        }
    }

    public void Disconnected()
    {
        lock (gate) open--;
    }

    public void Delivered(int message)
    {
        if (Interlocked.Increment(ref delivered[message]) == 1) seconds[message] = Stopwatch.GetElapsedTime(begun).TotalSeconds;
    }

    public void Bounced(int message)
    {
        if (Interlocked.Increment(ref bounced[message]) == 1) seconds[message] = Stopwatch.GetElapsedTime(begun).TotalSeconds;
    }

    /// <summary>Whether the recipient is asked for the first time.</summary>
    public bool PutsOff(int message)
    {
        if (Interlocked.Increment(ref tries[message]) > 1) return false;
        Interlocked.Increment(ref putOff);
        return true;
    }

    /// <summary>Whether the destination still has one of its first bad moments.</summary>
    public bool Fails(int domain, SinkManner manner)
    {
        lock (gate)
        {
            var had = incidents.GetValueOrDefault(domain);
            if (had >= (manner == SinkManner.Hang ? 1 : 2)) return false;
            incidents[domain] = had + 1;
            if (manner == SinkManner.Hang) hung++;
            else closed++;
            return true;
        }
    }

    public SinkReport Report()
    {
        lock (gate)
        {
            return new SinkReport(
                delivered.Count(times => times > 0), delivered.Sum(times => Math.Max(0, times - 1)), bounced.Count(times => times > 0), bounced.Sum(times => Math.Max(0, times - 1)),
                connections, mostOpen, putOff, hung, closed, Percentiles.Of(seconds.Where(second => second > 0)));
        }
    }

    public int Messages => messages;
}
