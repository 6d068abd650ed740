using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using MailKit;
using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Operations;

/// <summary>SIGTERM in the middle of a load: sessions are told, what is under way is finished, and nothing acknowledged is missing.</summary>
[Collection(Alone.Name)]
public sealed class ShutdownTests
{
    private const int Senders = 6;
    private const int LeastAcknowledged = 200;

    [Fact]
    public async Task SIGTERM_under_load_loses_nothing_and_ends_with_0()
    {
        await using var server = await DemoServer.StartAsync("--no-scene");
        var acknowledged = new ConcurrentDictionary<string, byte>();
        var goodbyes = new ConcurrentBag<string>();
        var attempted = 0;
        var senders = Enumerable.Range(0, Senders).Select(_ => Task.Run(async () =>
        {
            await using var smtp = await RawSmtp.ConnectAsync(server.Ports["mx"]);
            try
            {
                while (true)
                {
                    var id = $"s{Interlocked.Increment(ref attempted)}";
                    var reply = await smtp.SendAsync("carol@outside.example", "bob@demo.test", Message(id));
                    if (reply.StartsWith("250", StringComparison.Ordinal)) acknowledged[id] = 0;
                    else
                    {
                        goodbyes.Add(reply);
                        return;
                    }
                }
            }
            catch (Exception gone) when (gone is IOException or SocketException)
            {
                // Cut off before an answer: not acknowledged.
            }
        })).ToArray();
        await Wait.UntilAsync(() => acknowledged.Count >= LeastAcknowledged);
        var exit = server.TerminateAsync();
        await Task.WhenAll(senders);
        Assert.Equal(0, await exit);
        // RFC 5321 §3.8: the server says 421 before it closes on its own accord.
        Assert.All(goodbyes, reply => Assert.StartsWith("421", reply));
        Assert.NotEmpty(goodbyes);

        await server.LaunchAsync();
        var found = new HashSet<string>();
        using var client = await Mailbox.OpenAsync(server, "bob@demo.test");
        foreach (var folder in new[] { client.Inbox!, client.GetFolder(SpecialFolder.Junk)! })
        {
            await folder.OpenAsync(FolderAccess.ReadOnly);
            foreach (var summary in await folder.FetchAsync(0, -1, MessageSummaryItems.Envelope)) Assert.True(found.Add(summary.Envelope!.MessageId!.Split('@')[0]), "a message is there twice");
        }
        Assert.DoesNotContain(acknowledged.Keys, id => !found.Contains(id));
    }

    [Fact]
    public async Task A_client_that_waits_in_IDLE_is_told_and_let_go()
    {
        await using var server = await DemoServer.StartAsync("--no-scene");
        using var client = await Mailbox.OpenAsync(server, "bob@demo.test");
        await client.Inbox!.OpenAsync(FolderAccess.ReadOnly);
        using var done = new CancellationTokenSource();
        var idle = client.IdleAsync(done.Token);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        Assert.Equal(0, await server.TerminateAsync());
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), $"An idle client held the server for {clock.Elapsed}.");
        await Assert.ThrowsAnyAsync<Exception>(() => idle);
    }

    private static byte[] Message(string id) => Encoding.ASCII.GetBytes(
        $"From: Carol <carol@outside.example>\r\nTo: bob@demo.test\r\nSubject: Minutes {id}\r\nMessage-ID: <{id}@outside.example>\r\nDate: {DateTimeOffset.UtcNow:r}\r\n\r\nHello Bob,\r\n\r\nthe minutes of Tuesday are ready.\r\n");
}
