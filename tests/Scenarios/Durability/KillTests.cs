using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;
using MailKit;
using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Durability;

/// <summary>
/// The promise of 250: kill -9 at random moments under load, start again on the same folder, and count. Every acknowledged
/// message is there exactly once; one that was not acknowledged is there at most once; the store opens by itself and soon.
/// STERNPOST_KILLS sets how many kills (5 where unset; ./test asks for 50).
/// </summary>
[Collection(Alone.Name)]
public sealed partial class KillTests(ITestOutputHelper output)
{
    private const int Senders = 8;

    [Fact]
    public async Task No_acknowledged_message_is_lost_or_doubled_by_kill_9()
    {
        var kills = int.Parse(Environment.GetEnvironmentVariable("STERNPOST_KILLS") ?? "5");
        var random = new Random(20261124);
        await using var server = await DemoServer.StartAsync("--no-scene");
        var acknowledged = new ConcurrentDictionary<string, byte>();
        var attempted = 0;
        var slowest = TimeSpan.Zero;
        for (var kill = 0; kill < kills; kill++)
        {
            using var stop = new CancellationTokenSource();
            var senders = Enumerable.Range(0, Senders).Select(sender => Task.Run(async () =>
            {
                try
                {
                    await using var smtp = await RawSmtp.ConnectAsync(server.Ports["mx"]);
                    while (!stop.IsCancellationRequested)
                    {
                        var id = $"k{Interlocked.Increment(ref attempted)}";
                        var reply = await smtp.SendAsync("carol@outside.example", "bob@demo.test", Message(id, sender));
                        if (reply.StartsWith("250", StringComparison.Ordinal)) acknowledged[id] = 0;
                        else throw new InvalidOperationException("The load was refused: " + reply);
                    }
                }
                catch (Exception broken) when (broken is IOException or System.Net.Sockets.SocketException)
                {
                    // The kill: what was in flight is unacknowledged.
                }
            })).ToArray();
            var before = acknowledged.Count;
            var target = random.Next(1, 400);
            while (acknowledged.Count < before + target && !senders.All(sender => sender.IsCompleted)) await Task.Delay(random.Next(1, 5));
            server.Kill();
            await stop.CancelAsync();
            await Task.WhenAll(senders);
            await server.LaunchAsync();
            if (server.TimeToReady > slowest) slowest = server.TimeToReady;
        }

        var found = new Dictionary<string, int>();
        using var client = await Mailbox.OpenAsync(server, "bob@demo.test");
        foreach (var folder in new[] { client.Inbox!, client.GetFolder(SpecialFolder.Junk)! })
        {
            await folder.OpenAsync(FolderAccess.ReadOnly);
            foreach (var summary in await folder.FetchAsync(0, -1, MessageSummaryItems.Envelope))
            {
                var match = Id().Match(summary.Envelope!.MessageId ?? "");
                if (match.Success) found[match.Groups[1].Value] = found.GetValueOrDefault(match.Groups[1].Value) + 1;
            }
        }
        output.WriteLine($"{kills} kills, {attempted} attempted, {acknowledged.Count} acknowledged, {found.Count} found, slowest start {slowest.TotalSeconds:f2} s");
        Assert.DoesNotContain(acknowledged.Keys, id => !found.ContainsKey(id));
        Assert.DoesNotContain(found, pair => pair.Value > 1);
        Assert.True(acknowledged.Count > kills, "The load was too small to mean anything.");
        Assert.True(slowest < TimeSpan.FromSeconds(5), $"The slowest start took {slowest}.");
    }

    private static byte[] Message(string id, int sender) => Encoding.ASCII.GetBytes(
        $"From: Carol <carol@outside.example>\r\nTo: bob@demo.test\r\nSubject: Report {id}\r\nMessage-ID: <{id}@outside.example>\r\nDate: Tue, 24 Nov 2026 10:00:00 +0000\r\n\r\n"
        + $"Hello Bob,\r\n\r\nhere is report {id} of line {sender}.\r\n{string.Concat(Enumerable.Repeat("The figures are as agreed on Tuesday.\r\n", id.Length * 12))}");

    [GeneratedRegex("^<?(k[0-9]+)@outside.example")]
    private static partial Regex Id();
}
