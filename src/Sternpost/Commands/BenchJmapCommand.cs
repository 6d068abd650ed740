using System.CommandLine;
using System.Globalization;
using Sternpost.Bench;

namespace Sternpost.Commands;

/// <summary><c>bench jmap</c>.</summary>
internal static class BenchJmapCommand
{
    public static Command Create()
    {
        var messages = BenchCommand.Positive("--messages", "Messages in the folder.", 100_000);
        var size = BenchCommand.Positive("--size", "Octets of each message.", 2048);
        var times = BenchCommand.Positive("--times", "Ask each so often, after a first time.", 20);
        var json = CommonOptions.Json();
        var command = new Command("jmap", "Shows a large folder over JMAP from a demo in a process of its own; prints how long each request takes.") { messages, size, times, json };
        command.SetAction(async (result, cancellation) =>
        {
            var folder = await FilledFolder.CreateAsync(result.GetValue(messages), result.GetValue(size), cancellation);
            await using var own = await DemoProcess.StartAsync(folder, cancellation);
            using var load = new JmapLoad(own.HttpsPort, "alice@demo.test", own.PasswordOf("alice@demo.test")!, result.GetValue(times));
            Facts.PrintList(await load.RunAsync(cancellation), result.GetValue(json), "Nothing was measured.",
                ("REQUEST", each => each.Request), ("TIMES", each => each.Times.ToString(CultureInfo.InvariantCulture)), ("FIRST MS", each => Milliseconds(each.FirstMilliseconds)),
                ("P50 MS", each => Milliseconds(each.LatencyMilliseconds.P50)), ("P95 MS", each => Milliseconds(each.LatencyMilliseconds.P95)), ("MAX MS", each => Milliseconds(each.LatencyMilliseconds.Max)),
                ("ANSWER", each => Facts.Octets(each.AnswerBytes)));
        });
        return command;
    }

    private static string Milliseconds(double value) => value.ToString("F1", CultureInfo.InvariantCulture);
}
