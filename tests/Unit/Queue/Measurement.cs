using System.Diagnostics;
using System.Globalization;

namespace Sternpost.Unit.Queue;

/// <summary>How fast the queue empties and what it costs; run by hand (<c>-explicit only</c>). Queue and sink share the process.</summary>
public class Measurement(ITestOutputHelper output)
{
    [Theory(Explicit = true)]
    [InlineData(10_000, 1_000, 50)]
    [InlineData(10_000, 10, 50)]
    [InlineData(100_000, 10_000, 50)]
    public async Task Messages_to_many_destinations(int messages, int domains, int connections)
    {
        await using var sink = new MailSink { Extensions = "PIPELINING SIZE 8BITMIME" };
        await using var queue = await TestQueue.OpenAsync(sink.Port, options => options with { Connections = connections, ConnectionsPerDestination = 10 }, TimeProvider.System);
        for (var n = 0; n < domains; n++) queue.Domain($"d{n}.test");
        var clock = Stopwatch.StartNew();
        await Parallel.ForAsync(0, messages, new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (n, _) => await queue.SubmitAsync($"u{n}@d{n % domains}.test"));
        Print(output, "intake", messages, clock, Process.GetCurrentProcess().TotalProcessorTime);

        GC.Collect();
        var (cpu, before) = (Process.GetCurrentProcess().TotalProcessorTime, GC.GetTotalMemory(true));
        var most = 0L;
        clock.Restart();
        await queue.StartAsync();
        while (!await queue.IsEmptyAsync())
        {
            most = Math.Max(most, GC.GetTotalMemory(false));
            sink.Messages.Clear();
            await Task.Delay(100);
        }
        Print(output, $"delivery to {domains} domains over {sink.Connections} connections", messages, clock, Process.GetCurrentProcess().TotalProcessorTime - cpu);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"managed memory before {before >> 20} MB, at most {most >> 20} MB; resident {Environment.WorkingSet >> 20} MB"));
    }

    private static void Print(ITestOutputHelper output, string what, int messages, Stopwatch clock, TimeSpan cpu) => output.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{what}: {messages} messages in {clock.Elapsed.TotalSeconds:0.0} s, {messages / clock.Elapsed.TotalSeconds:0}/s, {cpu.TotalMilliseconds / messages:0.00} ms CPU each"));
}
