using System.Diagnostics;
using System.Text;
using System.Text.Json;
using MailKit;
using MailKit.Search;
using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Fronts;

/// <summary>Users of a real Dovecot behind the gateway move mail into and out of Junk, and the gateway learns from it.</summary>
[Collection(Alone.Name)]
public sealed class JunkBehindTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_move_to_Junk_teaches_that_users_filter_and_a_move_back_takes_it_back(bool master)
    {
        Peer.Need("postfix");
        Peer.Need("dovecot");
        var port = 3025 + Ports.NextOffset();
        await using var dovecot = await RealDovecot.StartAsync();
        await using var postfix = await RealPostfix.StartAsync(port, $"virtual_mailbox_domains = example.com\nvirtual_transport = lmtp:unix:{dovecot.Lmtp}");
        var logins = Path.Combine(dovecot.Folder, "logins");
        await File.WriteAllTextAsync(logins, "# mailbox, name, password\n" + (master ? $"@example.com {{local}}*{RealDovecot.Master} {RealDovecot.MasterPassword}\n" : $"alice@example.com alice {RealDovecot.Password}\nbob@example.com bob {RealDovecot.Password}\n"));
        await using var server = await InstalledServer.StartAsync($"""
            gateway.domains = ["example.com 127.0.0.1:{port} none"]
            gateway.junk_imap = ["example.com localhost:{dovecot.Imap} tls"]
            gateway.junk_logins_file = "{logins}"
            gateway.junk_every = "1s"
            gateway.ca_file = "{dovecot.Certificate}"
            filter.greylist = false
            dns.resolvers = ["127.0.0.1:9"]
            dns.timeout = "1s"
            """);
        Assert.Equal("NO", await FlagAsync(server, dovecot, "alice", "one"));
        Assert.Equal("NO", await FlagAsync(server, dovecot, "bob", "one"));

        using var alice = await dovecot.SignInAsync("alice");
        var junk = await alice.GetFolderAsync("Junk");
        await MoveAsync(alice.Inbox!, junk, "one");
        await WaitAsync(server, "taught 1 messages as spam and 0 as wanted");
        Assert.Equal(1, (await LessonsAsync(server))["alice@example.com"]);
        // Hers alone: the same letter is hers to refuse and bob's to get.
        Assert.Equal("YES", await FlagAsync(server, dovecot, "alice", "two"));
        Assert.Equal("NO", await FlagAsync(server, dovecot, "bob", "two"));

        // What the gateway itself had marked, and what never came through it, teaches nothing where it lies in Junk.
        await MoveAsync(alice.Inbox!, junk, "two");
        await junk.AppendAsync(new AppendRequest(await MimeKit.MimeMessage.LoadAsync(new MemoryStream(Encoding.ASCII.GetBytes(Letter("alice", "forged", "Received: from x (x [192.0.2.1])\r\n\tby localhost.company.example with ESMTP id abcdefgh.1; Mon, 4 May 2026 10:00:00 +0000\r\n"))))));
        await RoundsAsync(server, 2);
        Assert.Equal(1, (await LessonsAsync(server))["alice@example.com"]);

        // Deleting it is no opinion; moving it back is one.
        await MoveAsync(junk, await alice.GetFolderAsync("Trash"), "two");
        await MoveAsync(junk, alice.Inbox!, "one");
        await WaitAsync(server, "taught 0 messages as spam and 1 as wanted");
        Assert.Equal(1, (await LessonsAsync(server))["alice@example.com"]);
        Assert.Equal("NO", await FlagAsync(server, dovecot, "alice", "three"));

        // A renumbered folder is read anew and teaches nothing twice.
        await MoveAsync(alice.Inbox!, junk, "three");
        await WaitAsync(server, "taught 1 messages as spam and 0 as wanted", 2);
        await alice.DisconnectAsync(quit: true);
        foreach (var file in Directory.GetFiles(Path.Combine(dovecot.Folder, "mail", "alice", ".Junk"), "dovecot*")) File.Delete(file);
        await RoundsAsync(server, 2);
        Assert.Equal(2, (await LessonsAsync(server))["alice@example.com"]);
        Assert.Equal(2, Count(server.Said, "taught 1 messages as spam"));

        var forgotten = await server.CommandAsync(null, "gateway", "forget", "alice@example.com");
        Assert.True(forgotten.ExitCode == 0, forgotten.Errors);
        Assert.Equal(0, (await LessonsAsync(server))["alice@example.com"]);
        Assert.DoesNotContain(RealDovecot.Password, server.Said);
        Assert.DoesNotContain(RealDovecot.MasterPassword, server.Said);
        output.WriteLine(string.Join('\n', server.Said.Split('\n').Where(line => line.Contains("taught", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task A_server_whose_certificate_is_not_trusted_gets_no_password_and_a_refused_login_is_not_tried_in_every_round()
    {
        Peer.Need("dovecot");
        await using var dovecot = await RealDovecot.StartAsync();
        var logins = Path.Combine(dovecot.Folder, "logins");
        await File.WriteAllTextAsync(logins, $"alice@example.com alice wrong\n");
        var settings = $"""
            gateway.domains = ["example.com 127.0.0.1:9 none"]
            gateway.junk_imap = ["example.com localhost:{dovecot.Imap} tls"]
            gateway.junk_logins_file = "{logins}"
            gateway.junk_every = "1s"
            """;
        await using (var server = await InstalledServer.StartAsync(settings))
        {
            await WaitAsync(server, "certificate that cannot be trusted");
            Assert.DoesNotContain("auth failed", dovecot.Log);
        }
        await using (var server = await InstalledServer.StartAsync(settings + $"\ngateway.ca_file = \"{dovecot.Certificate}\""))
        {
            await WaitAsync(server, "refuses the login alice", 2);
            Assert.Contains("it is tried again in 00:00:04", server.Said);
            using var json = JsonDocument.Parse((await server.CommandAsync(null, "gateway", "lessons", "--json")).Output);
            Assert.Contains("refuses the login alice", json.RootElement[0].GetProperty("problem").GetString());
        }
    }

    // How the gateway marked a letter, read in the inbox behind it.
    private static async Task<string> FlagAsync(InstalledServer server, RealDovecot dovecot, string user, string subject)
    {
        await using var client = await RawSmtp.ConnectAsync(server.Ports["mx"]);
        Assert.StartsWith("250", await client.SendAsync("sales@elsewhere.example", $"{user}@example.com", Encoding.ASCII.GetBytes(Letter(user, subject, ""))));
        using var reader = await dovecot.SignInAsync(user);
        var inbox = reader.Inbox!;
        await inbox.OpenAsync(FolderAccess.ReadOnly);
        for (var clock = Stopwatch.StartNew(); ; await Task.Delay(50))
        {
            Assert.True(clock.Elapsed < TimeSpan.FromMinutes(1), server.Said);
            await reader.NoOpAsync();
            if (await inbox.SearchAsync(SearchQuery.SubjectContains(subject)) is [var uid, ..]) return (await inbox.GetMessageAsync(uid)).Headers["X-Spam-Flag"] ?? "none";
        }
    }

    private static async Task MoveAsync(IMailFolder from, IMailFolder to, string subject)
    {
        await from.OpenAsync(FolderAccess.ReadWrite);
        var uid = Assert.Single(await from.SearchAsync(SearchQuery.SubjectContains(subject)));
        Assert.NotNull(await from.MoveToAsync(uid, to));
        await from.CloseAsync();
    }

    private static async Task WaitAsync(InstalledServer server, string said, int times = 1)
    {
        for (var clock = Stopwatch.StartNew(); Count(server.Said, said) < times; await Task.Delay(50)) Assert.True(clock.Elapsed < TimeSpan.FromMinutes(1), server.Said);
    }

    // So many looks that began after now.
    private static async Task RoundsAsync(InstalledServer server, int rounds)
    {
        for (; rounds >= 0; rounds--)
        {
            var before = await LookedAsync(server);
            for (var clock = Stopwatch.StartNew(); await LookedAsync(server) == before; await Task.Delay(50)) Assert.True(clock.Elapsed < TimeSpan.FromMinutes(1), server.Said);
        }
    }

    private static async Task<string> LookedAsync(InstalledServer server)
    {
        using var json = JsonDocument.Parse((await server.CommandAsync(null, "gateway", "lessons", "--json")).Output);
        return json.RootElement.EnumerateArray().First(one => one.GetProperty("mailbox").GetString() == "alice@example.com").GetProperty("read").ToString();
    }

    private static async Task<Dictionary<string, long>> LessonsAsync(InstalledServer server)
    {
        using var json = JsonDocument.Parse((await server.CommandAsync(null, "gateway", "lessons", "--json")).Output);
        return json.RootElement.EnumerateArray().ToDictionary(one => one.GetProperty("mailbox").GetString()!, one => one.GetProperty("lessons").GetInt64());
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;

    private static string Letter(string user, string subject, string trace) =>
        trace + $"From: Sales <sales@elsewhere.example>\r\nTo: <{user}@example.com>\r\nSubject: {subject}\r\nDate: {DateTimeOffset.UtcNow:R}\r\nMessage-ID: <{Guid.NewGuid():n}@elsewhere.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n"
        + "The autumn catalogue of garden furniture is here. Benches, tables and parasols, delivered to your door within a week.\r\n";
}
