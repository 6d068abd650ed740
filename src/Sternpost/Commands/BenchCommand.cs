using System.CommandLine;
using System.Net;
using Sternpost.Bench;

namespace Sternpost.Commands;

/// <summary><c>bench</c>.</summary>
internal static class BenchCommand
{
    public static Command Create() => new("bench", "Loads a server and measures it.") { Smtp(), BenchImapCommand.Create(), BenchJmapCommand.Create(), BenchFilterCommand.Create(), BenchQueueCommand.Create(), BenchQueueCommand.CreateSink(), BenchQueueCommand.CreateRunner() };

    private static Command Smtp()
    {
        var host = new Option<string?>("--host") { Description = "The server's address. Where neither this nor --port is given, a demo is started in a process of its own." };
        var port = new Option<int?>("--port") { Description = "The server's MX port. [default: 2525]" };
        var connections = Positive("--connections", "Connections at once.", 10);
        var messages = Positive("--messages", "Messages altogether.", 2000);
        var size = Positive("--size", "Octets of each message.", 4096);
        var recipient = new Option<string>("--rcpt") { Description = "The recipient.", HelpName = "ADDRESS", DefaultValueFactory = _ => "alice@demo.test" };
        var reconnect = new Option<bool>("--reconnect") { Description = "A new connection for each message." };
        var serverProcess = new Option<int?>("--server-pid") { Description = "The server's process id on this machine, to measure its processor time.", HelpName = "PID" };
        var json = CommonOptions.Json();
        var command = new Command("smtp", "Sends messages over SMTP; prints throughput, latency and the server's processor time.") { host, port, connections, messages, size, recipient, reconnect, serverProcess, json };
        command.SetAction(async (result, cancellation) =>
        {
            var own = result.GetValue(host) is null && result.GetValue(port) is null ? await DemoProcess.StartAsync(cancellation) : null;
            try
            {
                var server = new IPEndPoint(await ResolveAsync(result.GetValue(host) ?? "127.0.0.1", cancellation), own?.MxPort ?? result.GetValue(port) ?? 2525);
                SmtpLoad Load(int count) => new(server, result.GetRequiredValue(recipient), Math.Min(count, result.GetValue(connections)), count, result.GetValue(size),
                    result.GetValue(reconnect), own?.Id ?? result.GetValue(serverProcess));
                // A server of our own has compiled nothing yet; what is wanted is its steady state.
                if (own is not null) await Load(WarmUp).RunAsync(cancellation);
                Print(await Load(result.GetValue(messages)).RunAsync(cancellation), result.GetValue(json));
            }
            finally
            {
                if (own is not null) await own.DisposeAsync();
            }
        });
        return command;
    }

    private const int WarmUp = 6000;

    private static void Print(LoadResult load, bool json)
    {
        Facts.PrintOne(load, json,
            ("Connections", load.Connections.ToString()),
            ("Messages", $"{load.Messages} of {load.SizeBytes} bytes: {load.Accepted} accepted, {load.Refused} refused" + (load.FirstRefusal is null ? "" : $" (first: {load.FirstRefusal})")),
            ("Time", $"{load.Seconds:F2} s"),
            ("Throughput", $"{load.MessagesPerSecond:F0} messages/s"),
            ("Latency", $"p50 {load.LatencyMilliseconds.P50:F1} ms, p95 {load.LatencyMilliseconds.P95:F1} ms, p99 {load.LatencyMilliseconds.P99:F1} ms, max {load.LatencyMilliseconds.Max:F1} ms"),
            ("Server CPU", load.ServerCpuMillisecondsPerMessage is { } cpu ? $"{cpu:F2} ms per message" : "unknown (give --server-pid)"));
        if (load.Refused > 0) throw new OperationFailedException($"{load.Refused} messages were refused; the first with: {load.FirstRefusal}");
    }

    private static async Task<IPAddress> ResolveAsync(string host, CancellationToken cancellation) =>
        IPAddress.TryParse(host, out var address) ? address : (await System.Net.Dns.GetHostAddressesAsync(host, cancellation))[0];

    internal static Option<int> Positive(string name, string description, int standard)
    {
        var option = new Option<int>(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => standard };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out var number) && number < 1) result.AddError($"{name} must be at least 1.");
        });
        return option;
    }
}
