using System.CommandLine;
using System.Globalization;
using Sternpost.Bench.Outbound;

namespace Sternpost.Commands;

/// <summary><c>bench queue</c>, and the two processes it consists of.</summary>
internal static class BenchQueueCommand
{
    // Postfix asks port 53 whatever one does, so the name server has an address of its own for it.
    private const string PostfixNameServer = "127.0.0.153:53";

    public static Command Create()
    {
        var messages = BenchCommand.Positive("--messages", "Messages waiting at the start.", 10_000);
        var destinations = BenchCommand.Positive("--destinations", "Domains they go to, each with a mail server of its own.", 1000);
        var size = BenchCommand.Positive("--size", "Octets of each message.", 4096);
        var connections = BenchCommand.Positive("--connections", "Connections at once.", 50);
        var trouble = new Option<int>("--trouble") { Description = "Destinations in a hundred that refuse, defer, hang or close early, a fourth of them each.", HelpName = "N", DefaultValueFactory = _ => 20 };
        trouble.Validators.Add(result => { if (result.GetValue(trouble) is < 0 or > 100) result.AddError("--trouble is a number from 0 to 100."); });
        var kills = new Option<int>("--kills") { Description = "How often the server is killed (kill -9) and started again meanwhile.", HelpName = "N", DefaultValueFactory = _ => 0 };
        var beside = new Option<string?>("--beside") { Description = "Lets an installed Postfix deliver the same to the same sink as well (as root): postfix.", HelpName = "NAME" };
        beside.AcceptOnlyFromAmong("postfix");
        var json = CommonOptions.Json();
        var command = new Command("queue", "Lets a full queue deliver to a sink, some of whose destinations refuse, defer, hang or close early; prints throughput, processor time and memory, and whether each message came once.")
            { messages, destinations, size, connections, trouble, kills, beside, json };
        command.SetAction(async (result, cancellation) =>
        {
            var mail = new OutboundMail(result.GetValue(messages), Math.Min(result.GetValue(destinations), result.GetValue(messages)), result.GetValue(trouble));
            var (octets, atOnce) = (result.GetValue(size), result.GetValue(connections));
            var measured = new MeasuredQueue(mail, octets, result.GetValue(kills));
            var results = new List<OutboundResult>
            {
                await MeasureAsync("127.0.0.1:0", (nameServer, port) => Own(mail, octets, atOnce, nameServer, port, cancellation)),
            };
            if (result.GetValue(beside) is not null) results.Add(await MeasureAsync(PostfixNameServer, (nameServer, port) => Postfix(mail, octets, atOnce, nameServer, port, cancellation)));
            Print(results, result.GetValue(json));
            if (results.Find(one => one.Missing > 0) is { } lossy) throw new OperationFailedException($"{lossy.Server} lost {lossy.Missing} messages: neither they nor their bounces arrived.");

            async Task<OutboundResult> MeasureAsync(string listen, Func<string, int, Task<IFilledQueue>> fill)
            {
                var errors = Path.GetTempFileName();
                await using var sink = ChildProcess.Start(errors, "bench", "queue-sink", "--messages", mail.Messages.ToString(), "--name-server", listen);
                var where = (await sink.AskAsync(null, cancellation)).Split(' ');
                await using var queue = await fill(where[0], int.Parse(where[1], CultureInfo.InvariantCulture));
                var outcome = await measured.RunAsync(queue, sink, cancellation);
                File.Delete(errors);
                return outcome;
            }
        });
        return command;
    }

    public static Command CreateSink()
    {
        var messages = BenchCommand.Positive("--messages", "Messages there are.", 1);
        var nameServer = NameServer();
        var command = new Command("queue-sink", "The sink of 'bench queue'.") { messages, nameServer };
        command.Hidden = true;
        command.SetAction((result, cancellation) => SinkProgram.RunAsync(result.GetValue(messages), result.GetRequiredValue(nameServer), 0, cancellation));
        return command;
    }

    public static Command CreateRunner()
    {
        var nameServer = NameServer();
        var port = BenchCommand.Positive("--port", "The sink's port.", 25);
        var connections = BenchCommand.Positive("--connections", "Connections at once.", 50);
        var command = new Command("queue-runner", "The queue of 'bench queue'.") { nameServer, port, connections };
        command.Hidden = true;
        command.SetAction((result, cancellation) => QueueProgram.RunAsync(result.GetRequiredValue(CommonOptions.Data), result.GetRequiredValue(nameServer), result.GetValue(port), result.GetValue(connections), cancellation));
        return command;
    }

    private static Option<string> NameServer() => new("--name-server") { Description = "Where the sink answers for DNS.", HelpName = "ADDRESS", Required = true };

    private static async Task<IFilledQueue> Own(OutboundMail mail, int size, int connections, string nameServer, int port, CancellationToken cancellation) =>
        await SternpostQueue.FillAsync(mail, size, connections, nameServer, port, cancellation);

    private static async Task<IFilledQueue> Postfix(OutboundMail mail, int size, int connections, string nameServer, int port, CancellationToken cancellation) =>
        await PostfixQueue.FillAsync(mail, size, connections, nameServer, port, cancellation);

    private static void Print(List<OutboundResult> results, bool json) => Facts.PrintList(results, json, "Nothing was measured.",
        ("server", one => one.Server),
        ("delivered (again)", one => $"{one.Delivered} ({one.DeliveredAgain})"),
        ("bounced (again)", one => $"{one.Bounced} ({one.BouncedAgain})"),
        ("missing", one => one.Missing.ToString(CultureInfo.InvariantCulture)),
        ("kills", one => one.Kills.ToString(CultureInfo.InvariantCulture)),
        ("seconds", one => one.Seconds.ToString("0.0", CultureInfo.InvariantCulture)),
        ("messages/s, to p95", one => FormattableString.Invariant($"{one.MessagesPerSecond:0}, {one.MessagesPerSecondToP95:0}")),
        ("settled after s p50 / p95 / p99 / max", one => FormattableString.Invariant($"{one.SecondsUntilSettled.P50:0.0} / {one.SecondsUntilSettled.P95:0.0} / {one.SecondsUntilSettled.P99:0.0} / {one.SecondsUntilSettled.Max:0.0}")),
        ("CPU ms/message", one => one.CpuMillisecondsPerMessage.ToString("0.000", CultureInfo.InvariantCulture)),
        ("MB (no file's)", one => $"{one.PeakBytes >> 20} ({one.PeakAnonymousBytes >> 20})"),
        ("connections (at once)", one => $"{one.Connections} ({one.MostConnections})"));
}
