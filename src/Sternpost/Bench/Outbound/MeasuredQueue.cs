using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Sternpost.Bench.Outbound;

/// <summary>A server whose queue is full and which has not begun.</summary>
internal interface IFilledQueue : IAsyncDisposable
{
    /// <summary>Whose.</summary>
    string Server { get; }

    /// <summary>Begins, or goes on after <see cref="KillAsync"/>; answers when deliveries may go out.</summary>
    Task StartAsync(CancellationToken cancellation);

    /// <summary>The processes now; empty where none runs.</summary>
    IReadOnlyList<int> Processes { get; }

    /// <summary>Kills it without warning.</summary>
    Task KillAsync();
}

/// <summary>Lets a filled queue run against a sink and measures it.</summary>
internal sealed class MeasuredQueue(OutboundMail mail, int size, int kills)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);
    // Nothing arrived for so long: it will not come.
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(90);

    public async Task<OutboundResult> RunAsync(IFilledQueue queue, ChildProcess sink, CancellationToken cancellation)
    {
        await sink.AskAsync("begin", cancellation);
        await queue.StartAsync(cancellation);
        var clock = Stopwatch.StartNew();
        var (peak, anonymous, killed, cpuOfKilled) = (0L, 0L, 0, TimeSpan.Zero);
        var before = Processor(queue);
        var quiet = Stopwatch.StartNew();
        var (last, seconds) = (0, 0.0);
        SinkReport seen;
        while (true)
        {
            await Task.Delay(Look, cancellation);
            seen = JsonSerializer.Deserialize<SinkReport>(await sink.AskAsync("report", cancellation))!;
            var held = queue.Processes.Select(Proportional).ToList();
            peak = Math.Max(peak, held.Sum(one => one.All));
            anonymous = Math.Max(anonymous, held.Sum(one => one.Anonymous));
            var settled = seen.Delivered + seen.Bounced;
            if (settled != last) (last, seconds) = (settled, clock.Elapsed.TotalSeconds);
            else if (quiet.Elapsed > Silence) break;
            else if (settled < mail.Messages) continue;
            if (settled == mail.Messages) break;
            quiet.Restart();
            if (killed < kills && settled >= (long)mail.Messages * (killed + 1) / (kills + 1))
            {
                killed++;
                cpuOfKilled += Processor(queue) - before;
                await queue.KillAsync();
                await queue.StartAsync(cancellation);
                before = Processor(queue);
            }
        }
        var cpu = cpuOfKilled + Processor(queue) - before;
        return new OutboundResult
        {
            Server = queue.Server,
            Messages = mail.Messages,
            Destinations = mail.Destinations,
            SizeBytes = size,
            Delivered = seen.Delivered,
            DeliveredAgain = seen.DeliveredAgain,
            Bounced = seen.Bounced,
            BouncedAgain = seen.BouncedAgain,
            Missing = mail.Messages - seen.Delivered - seen.Bounced,
            Kills = killed,
            Seconds = Math.Round(seconds, 2),
            MessagesPerSecond = Math.Round(last / seconds, 1),
            MessagesPerSecondToP95 = Math.Round(0.95 * last / seen.Seconds.P95, 1),
            SecondsUntilSettled = seen.Seconds,
            CpuMillisecondsPerMessage = Math.Round(cpu.TotalMilliseconds / mail.Messages, 3),
            PeakBytes = peak,
            PeakAnonymousBytes = anonymous,
            Connections = seen.Connections,
            MostConnections = seen.MostConnections,
        };
    }

    private static TimeSpan Processor(IFilledQueue queue) =>
        queue.Processes is [var root, ..] ? queue.Processes.Aggregate(TimeSpan.Zero, (sum, process) => sum + (ProcessCpu.WithEnded(process) ?? TimeSpan.Zero)) : TimeSpan.Zero;

    // smaps_rollup(5): pages that several processes share are divided among them.
    private static (long All, long Anonymous) Proportional(int process)
    {
        var (all, anonymous) = (0L, 0L);
        try
        {
            foreach (var line in File.ReadLines($"/proc/{process}/smaps_rollup"))
            {
                if (line.StartsWith("Pss:", StringComparison.Ordinal)) all = Octets(line.AsSpan(4));
                else if (line.StartsWith("Pss_Anon:", StringComparison.Ordinal)) anonymous = Octets(line.AsSpan(9));
            }
        }
        catch (IOException)
        {
            // It has ended meanwhile.
        }
        return (all, anonymous);

        // As in "Pss:     1234 kB".
        static long Octets(ReadOnlySpan<char> value) => long.Parse(value.Trim()[..^3], CultureInfo.InvariantCulture) * 1024;
    }
}
