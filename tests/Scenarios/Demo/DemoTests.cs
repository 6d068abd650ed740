using System.Diagnostics;
using MailKit;
using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Demo;

/// <summary>The first command of the README.</summary>
[Collection(Alone.Name)]
public sealed class DemoTests
{
    [Fact]
    public async Task Once_plays_the_scene_finds_every_mail_where_it_must_be_and_exits_0()
    {
        var folder = System.IO.Directory.CreateTempSubdirectory("sternpost-once-").FullName;
        try
        {
            var clock = Stopwatch.StartNew();
            var outcome = await Peer.RunAsync("dotnet", [ServerProcess.Program, "demo", "--once", "--data", folder, "--port-offset", Ports.NextOffset().ToString()]);
            Assert.True(outcome.ExitCode == 0, outcome.Output + outcome.Errors);
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), $"It took {clock.Elapsed}.");
            string[] places = ["delivered", "delivered", "to Junk", "refused", "refused", "refused"];
            string[] titles = ["wanted mail", "newsletter", "spam", "phish", "virus test file", "forged sender"];
            var lines = outcome.Output.Split('\n').Where(line => titles.Any(title => line.Contains(title, StringComparison.Ordinal))).ToList();
            Assert.Equal(titles.Length, lines.Count);
            Assert.All(lines.Index(), line => Assert.Matches($"^ +{places[line.Index]} +{titles[line.Index]} +\\S+.* \\S+", line.Item));
        }
        finally
        {
            System.IO.Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_second_start_keeps_mail_passwords_and_certificate()
    {
        await using var server = await DemoServer.StartAsync("--no-scene");
        await using (var smtp = await RawSmtp.SubmitAsync(server, "alice@demo.test"))
        {
            Assert.StartsWith("250", await smtp.SendAsync("alice@demo.test", "bob@demo.test", "From: alice@demo.test\r\nTo: bob@demo.test\r\nSubject: Kept\r\nMessage-ID: <kept@demo.test>\r\n\r\nStill here?\r\n"u8.ToArray()));
        }
        var (passwords, authority) = (server.Passwords, await File.ReadAllTextAsync(server.CertificateAuthority));
        Assert.Equal(0, await server.TerminateAsync());
        await server.LaunchAsync();
        Assert.Equal(passwords, server.Passwords);
        Assert.Equal(authority, await File.ReadAllTextAsync(server.CertificateAuthority));
        using var client = await Mailbox.OpenAsync(server, "bob@demo.test");
        await client.Inbox!.OpenAsync(FolderAccess.ReadOnly);
        var summary = Assert.Single(await client.Inbox.FetchAsync(0, -1, MessageSummaryItems.Envelope));
        Assert.Equal("Kept", summary.Envelope!.Subject);
    }

    [Fact]
    public async Task Two_servers_never_run_on_one_folder()
    {
        await using var server = await DemoServer.StartAsync("--no-scene");
        var second = await Peer.RunAsync("dotnet", [ServerProcess.Program, "demo", "--data", server.Folder, "--port-offset", Ports.NextOffset().ToString(), "--no-scene"]);
        Assert.Equal(1, second.ExitCode);
        Assert.Contains("already runs", second.Errors);
    }
}
