using System.Net;
using System.Text.Json;

namespace Sternpost.Bench.Outbound;

/// <summary>The sink as a process: says where it listens, then answers each line <c>report</c> with one of JSON; <c>begin</c> starts its clock; it ends with its standard input.</summary>
internal static class SinkProgram
{
    public static async Task RunAsync(int messages, string nameServer, int smtpPort, CancellationToken cancellation)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var tally = new SinkTally(messages);
        using var names = new SinkNames(IPEndPoint.Parse(nameServer));
        using var server = new SinkServer(tally);
        var listening = new TaskCompletionSource();
        var serving = server.RunAsync(smtpPort, listening, ending.Token);
        await Task.WhenAny(serving, listening.Task);
        if (serving.IsFaulted) await serving;
        var naming = names.RunAsync(ending.Token);
        await Console.Out.WriteLineAsync($"{names.EndPoint} {server.Port}");
        while (await Console.In.ReadLineAsync(cancellation) is { } line)
        {
            if (line == "begin") tally.Begin();
            await Console.Out.WriteLineAsync(JsonSerializer.Serialize(tally.Report()));
        }
        await ending.CancelAsync();
        await Task.WhenAll(serving, naming);
    }
}
