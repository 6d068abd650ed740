using System.Diagnostics;
using System.Globalization;

namespace Sternpost.Fuzz.Engine;

/// <summary>What a run came to.</summary>
internal sealed record FuzzOutcome(string Target, long Executions, TimeSpan Elapsed, int Corpus, int Edges, TimeSpan WorstTime, long WorstAllocation, IReadOnlyList<Finding> Findings)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Target}: {Executions} executions in {Elapsed.TotalMinutes:0.0} min ({Executions / Elapsed.TotalSeconds:0}/s), {Edges} edges, corpus {Corpus}, worst time {WorstTime.TotalMilliseconds:0.0} ms, worst allocation {WorstAllocation / 1024.0:0} KB, findings {Findings.Count}");
}

/// <summary>Feeds one target: seeds first, then mutations of what was worth keeping.</summary>
/// <param name="target">The parser.</param>
/// <param name="coverage">Says what is worth keeping.</param>
/// <param name="seed">Of the random numbers: the same seed makes the same inputs, as long as coverage says the same.</param>
internal sealed class FuzzRun(FuzzTarget target, Coverage coverage, int seed)
{
    private const int MostFindings = 20;
    private const int MeasuredAgain = 5;
    private const int MostKept = 20_000;
    private static readonly TimeSpan Hangs = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan ProgressEvery = TimeSpan.FromMinutes(1);

    private readonly Random random = new(seed);
    private readonly List<byte[]> corpus = [];
    private readonly List<Finding> findings = [];
    private readonly HashSet<string> causes = [];
    private long executions, worstAllocation, watchedExecutions;
    private TimeSpan worstTime, watchedSince;

    /// <summary>Where findings are kept; null for nowhere.</summary>
    internal string? Folder { get; init; }

    /// <summary>Where the current input is kept; null for nowhere.</summary>
    internal CurrentInput? Current { get; init; }

    /// <summary>Told how it goes.</summary>
    internal TextWriter? Progress { get; init; }

    /// <summary>The CPU time of the input that took longest.</summary>
    internal TimeSpan WorstTime => worstTime;

    /// <summary>The octets allocated for the input that took most.</summary>
    internal long WorstAllocation => worstAllocation;

    internal FuzzOutcome For(TimeSpan time)
    {
        var clock = Stopwatch.StartNew();
        using var watchdog = Current is null ? null : new Timer(_ => ExitWhereHanging(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        var mutations = new Mutations(random, target.Words, target.MaxLength);
        foreach (var input in target.AllSeeds())
        {
            Feed(input, isSeed: true);
            if (clock.Elapsed > time) break;
        }
        if (corpus.Count == 0) corpus.Add([]);
        var tell = ProgressEvery;
        while (clock.Elapsed < time && findings.Count < MostFindings)
        {
            // The newer half is tried more often: what was found last has been looked at least.
            var from = random.Next(2) == 0 ? 0 : corpus.Count / 2;
            Feed(mutations.Of(corpus[random.Next(from, corpus.Count)], corpus[random.Next(corpus.Count)]), isSeed: false);
            if (Progress is null || clock.Elapsed < tell) continue;
            tell += ProgressEvery;
            Progress.WriteLine("  " + Outcome(clock.Elapsed));
        }
        return Outcome(clock.Elapsed);
    }

    /// <summary>Reads one input and measures it; null where all is well.</summary>
    internal Finding? Try(byte[] input)
    {
        var (elapsed, allocated, failure) = Measure(input);
        if (failure is not null) return new Finding(failure.GetType().Name, failure.ToString(), input);
        // A collection or a method compiled for the first time is not the input's doing: what counts is the best of several.
        if (elapsed > worstTime || elapsed > target.Time)
        {
            for (var again = 0; again < MeasuredAgain && (elapsed > worstTime || elapsed > target.Time); again++) elapsed = Shorter(elapsed, Measure(input).Elapsed);
        }
        if (allocated > worstAllocation || allocated > target.Allocation) allocated = Math.Min(allocated, Measure(input).Allocated);
        if (elapsed > worstTime) worstTime = elapsed;
        if (allocated > worstAllocation) worstAllocation = allocated;
        return elapsed > target.Time ? new Finding("slow", string.Create(CultureInfo.InvariantCulture, $"{elapsed.TotalMilliseconds:0.0} ms for {input.Length} octets; {target.Time.TotalMilliseconds:0} are allowed"), input)
            : allocated > target.Allocation ? new Finding("allocates", $"{allocated / 1024} KB for {input.Length} octets; {target.Allocation / 1024} are allowed", input)
            : null;
    }

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private void Feed(byte[] input, bool isSeed)
    {
        Current?.Set(input);
        coverage.Begin();
        var finding = Try(input);
        executions++;
        if ((coverage.End() || isSeed) && corpus.Count < MostKept) corpus.Add(input);
        if (finding is null || !causes.Add(finding.Cause)) return;
        findings.Add(finding);
        var where = Folder is null ? "" : $" ({Finding.Save(Folder, input, finding.ToString())})";
        Progress?.WriteLine($"  FINDING{where}: {finding}");
    }

    // What a parser throws is what this is for.
#pragma warning disable CA1031
    private (TimeSpan Elapsed, long Allocated, Exception? Failure) Measure(byte[] input)
    {
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var started = CpuClock.Now();
        try
        {
            target.Run(input);
            return (CpuClock.Now() - started, GC.GetAllocatedBytesForCurrentThread() - allocated, null);
        }
        catch (Exception failure)
        {
            return (CpuClock.Now() - started, 0, failure);
        }
    }
#pragma warning restore CA1031

    private FuzzOutcome Outcome(TimeSpan elapsed) => new(target.Name, executions, elapsed, corpus.Count, coverage.Edges, worstTime, worstAllocation, [.. findings]);

    // By the CPU time that goes into one input: on a busy machine an honest one may have to wait long.
    private void ExitWhereHanging()
    {
        var spent = Environment.CpuUsage.TotalTime;
        if (Volatile.Read(ref executions) != watchedExecutions)
        {
            (watchedExecutions, watchedSince) = (Volatile.Read(ref executions), spent);
            return;
        }
        if (spent - watchedSince > Hangs) Environment.FailFast($"{target.Name} does not return");
    }
}
