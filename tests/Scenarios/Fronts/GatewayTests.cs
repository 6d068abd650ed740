using System.Text;
using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Fronts;

/// <summary>In front of a real Postfix with a real Dovecot behind it: only who exists is written to, and while they are away nothing is lost or doubled.</summary>
[Collection(Alone.Name)]
public sealed class GatewayTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Mail_reaches_the_server_behind_once_over_TLS_and_waits_while_it_is_away()
    {
        Peer.Need("postfix");
        Peer.Need("dovecot");
        var port = 3025 + Harness.Ports.NextOffset();
        await using var dovecot = await RealDovecot.StartAsync();
        var certificate = await RealDovecot.CertificateAsync(dovecot.Folder, "postfix.example");
        await using var postfix = await RealPostfix.StartAsync(port, $"""
            virtual_mailbox_domains = example.com
            virtual_mailbox_maps = inline:{'{'} alice@example.com=1, bob@example.com=1 {'}'}
            virtual_transport = lmtp:unix:{dovecot.Lmtp}
            smtpd_tls_security_level = encrypt
            smtpd_tls_chain_files = {certificate}
            smtpd_tls_loglevel = 1
            """);
        await using var server = await InstalledServer.StartAsync($"""
            gateway.domains = ["example.com 127.0.0.1:{port} required"]
            queue.retry = ["1s", "2s"]
            filter.greylist = false
            dns.resolvers = ["127.0.0.1:9"]
            dns.timeout = "1s"
            """);
        Assert.StartsWith("250", await OfferAsync(server, "alice@example.com", "letter 0"));
        Assert.StartsWith("550 5.1.1", await OfferAsync(server, "nobody@example.com", "never"));
        Assert.StartsWith("550 5.7.1", await OfferAsync(server, "somebody@elsewhere.example", "never"));
        for (var i = 1; i < 10; i++) Assert.StartsWith("250", await OfferAsync(server, "alice@example.com", $"letter {i}"));
        await postfix.WaitAsync(() => dovecot.Subjects("alice").Count == 10);
        Assert.Contains("TLS connection established from", postfix.Log);

        await postfix.StopAsync();
        for (var i = 10; i < 20; i++) Assert.StartsWith("250", await OfferAsync(server, "alice@example.com", $"letter {i}"));
        // Whether bob exists cannot be known now, so his sender's server keeps the letter.
        Assert.StartsWith("451 4.4.1", await OfferAsync(server, "bob@example.com", "for bob"));
        await postfix.StartAgainAsync();
        Assert.StartsWith("250", await OfferAsync(server, "bob@example.com", "for bob"));
        await postfix.WaitAsync(() => dovecot.Subjects("alice").Count >= 20 && dovecot.Subjects("bob").Count >= 1);
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"letter {i}").Order(), dovecot.Subjects("alice").Order());
        Assert.Equal(["for bob"], dovecot.Subjects("bob"));
        Assert.Contains("X-Sternpost-Verdict: ", dovecot.Any("alice"));
        Assert.Contains("X-Spam-Flag: NO", dovecot.Any("alice"));
        output.WriteLine($"20 letters and one: {dovecot.Subjects("alice").Count} and {dovecot.Subjects("bob").Count} delivered, each once");
    }

    [Fact]
    public async Task Without_the_TLS_that_a_route_demands_nothing_goes()
    {
        Peer.Need("postfix");
        var port = 3025 + Harness.Ports.NextOffset();
        await using var sink = new SmtpSink();
        await using var postfix = await RealPostfix.StartAsync(port, $"virtual_mailbox_domains = example.com\nvirtual_transport = smtp:[127.0.0.1]:{sink.Port}\nsmtpd_tls_security_level = none");
        await using var server = await InstalledServer.StartAsync($"gateway.domains = [\"example.com 127.0.0.1:{port} required\"]\nfilter.greylist = false\ndns.resolvers = [\"127.0.0.1:9\"]\ndns.timeout = \"1s\"");
        Assert.StartsWith("451 4.4.1", await OfferAsync(server, "alice@example.com", "in clear"));
        Assert.Empty(sink.Mails);
    }

    [Fact]
    public async Task Recipients_come_from_a_list_that_may_change_and_the_server_behind_sends_out_signed_and_within_its_limit()
    {
        await using var behind = new SmtpSink();
        await using var world = new SmtpSink();
        var list = Path.Combine(Path.GetTempPath(), "sternpost-recipients-" + Guid.NewGuid().ToString("n"));
        await File.WriteAllTextAsync(list, "# who there is\nalice@example.com\n");
        await using var server = await InstalledServer.StartAsync($"""
            gateway.domains = ["example.com 127.0.0.1:{behind.Port} none"]
            gateway.verify = "list"
            gateway.recipients_file = "{list}"
            gateway.relay_from = ["127.0.0.0/8"]
            gateway.relay_per_hour = 2
            queue.smarthost = "localhost"
            queue.smarthost_port = {world.Port}
            queue.smarthost_tls = "none"
            filter.greylist = false
            dns.resolvers = ["127.0.0.1:9"]
            dns.timeout = "1s"
            """);
        Assert.StartsWith("250", await OfferAsync(server, "alice@example.com", "inward"));
        Assert.Contains("Subject: inward", (await behind.WaitAsync(1))[0].Content);
        Assert.StartsWith("550 5.1.1", await OfferAsync(server, "carol@example.com", "never"));
        await File.AppendAllTextAsync(list, "carol@example.com\n");
        File.SetLastWriteTimeUtc(list, DateTime.UtcNow.AddMinutes(1));
        Assert.StartsWith("250", await OfferAsync(server, "carol@example.com", "inward as well"));

        Assert.StartsWith("250", await OfferAsync(server, "friend@elsewhere.example", "outward", "alice@example.com"));
        var sent = (await world.WaitAsync(1))[0];
        Assert.Equal("alice@example.com", sent.ReversePath);
        Assert.Contains("DKIM-Signature:", sent.Content);
        Assert.Contains("d=example.com", sent.Content);
        Assert.StartsWith("250", await OfferAsync(server, "second@elsewhere.example", "outward", "alice@example.com"));
        Assert.StartsWith("451 4.7.28", await OfferAsync(server, "third@elsewhere.example", "too many", "alice@example.com"));
        File.Delete(list);
    }

    [Fact]
    public async Task What_is_held_at_the_gateway_reaches_the_server_behind_when_it_is_released()
    {
        await using var behind = new SmtpSink();
        await using var server = await InstalledServer.StartAsync($"""
            gateway.domains = ["example.com 127.0.0.1:{behind.Port} none"]
            gateway.verify = "none"
            attachments.programs = "quarantine"
            filter.greylist = false
            dns.resolvers = ["127.0.0.1:9"]
            dns.timeout = "1s"
            """);
        await using var client = await RawSmtp.ConnectAsync(server.Ports["mx"]);
        Assert.StartsWith("250", await client.SendAsync("sender@elsewhere.example", "alice@example.com", Encoding.ASCII.GetBytes(
            $"From: <sender@elsewhere.example>\r\nTo: <alice@example.com>\r\nSubject: the tool\r\nDate: {DateTimeOffset.UtcNow:R}\r\nMessage-ID: <{Guid.NewGuid():n}@elsewhere.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHere it is.\r\n--b\r\nContent-Type: application/octet-stream; name=tool.exe\r\nContent-Disposition: attachment; filename=tool.exe\r\nContent-Transfer-Encoding: base64\r\n\r\nTVqQAAMAAAAEAAAA\r\n--b--\r\n")));
        using var json = System.Text.Json.JsonDocument.Parse((await server.CommandAsync(null, "quarantine", "list", "--json")).Output);
        var held = json.RootElement[0].GetProperty("id").GetString()!;
        Assert.Empty(behind.Mails);
        var released = await server.CommandAsync(null, "quarantine", "release", held);
        Assert.True(released.ExitCode == 0, released.Errors);
        Assert.Contains("Subject: the tool", (await behind.WaitAsync(1))[0].Content);
        Assert.Equal("[]", (await server.CommandAsync(null, "quarantine", "list", "--json")).Output.Trim());
    }

    private static async Task<string> OfferAsync(InstalledServer server, string recipient, string subject, string from = "sender@elsewhere.example")
    {
        await using var client = await RawSmtp.ConnectAsync(server.Ports["mx"]);
        return await client.SendAsync(from, recipient, Encoding.ASCII.GetBytes(
            $"From: <{from}>\r\nTo: <{recipient}>\r\nSubject: {subject}\r\nDate: {DateTimeOffset.UtcNow:R}\r\nMessage-ID: <{Guid.NewGuid():n}@elsewhere.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nThe minutes are in the usual place. See you on Tuesday.\r\n"));
    }
}
