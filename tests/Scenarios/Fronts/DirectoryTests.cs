using System.Net;
using System.Net.Sockets;
using System.Text;
using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Fronts;

/// <summary>Recipients behind the gateway are looked up in a real directory, and nobody is taken or turned away while it cannot say.</summary>
[Collection(Alone.Name)]
public sealed class DirectoryTests
{
    [Theory]
    [InlineData("ldaps")]
    [InlineData("starttls")]
    public async Task Who_is_in_the_directory_gets_mail_and_nobody_else(string how)
    {
        await using var slapd = await RealSlapd.StartAsync(("alice", ["SMTP:alice@example.com", "smtp:a.lice@example.com", "X500:/o=Example"]), ("bob", []));
        await using var behind = new SmtpSink();
        await using var server = await ServerAsync(behind, slapd, how == "ldaps" ? $"\"ldaps://localhost:{slapd.TlsPort}\"" : $"\"ldap://localhost:{slapd.Port}\"");
        Assert.StartsWith("250", await OfferAsync(server, "alice@example.com"));
        Assert.StartsWith("250", await OfferAsync(server, "A.Lice@example.com"));
        Assert.StartsWith("250", await OfferAsync(server, "bob@example.com"));
        // Characters with a meaning in filters are part of an address and nothing more.
        foreach (var stranger in new[] { "carol@example.com", "*@example.com", "\"a*(|)\\\\\"@example.com", "\"*)(cn=*\"@example.com", "\"\\\\2a\"@example.com" })
            Assert.Matches("^55[03] 5\\.1\\.", await OfferAsync(server, stranger));
        var asked = slapd.Searches;
        Assert.StartsWith("250", await OfferAsync(server, "alice@example.com"));
        Assert.StartsWith("550 5.1.1", await OfferAsync(server, "carol@example.com"));
        Assert.Equal(asked, slapd.Searches);

        await slapd.StopAsync();
        Assert.StartsWith("250", await OfferAsync(server, "alice@example.com"));
        Assert.StartsWith("451 4.4.1", await OfferAsync(server, "dave@example.com"));
        await slapd.StartAgainAsync();
        Assert.StartsWith("550 5.1.1", await OfferAsync(server, "dave@example.com"));
        await behind.WaitAsync(5);
        Assert.DoesNotContain(RealSlapd.Password, server.Said);
    }

    [Fact]
    public async Task Where_one_directory_is_away_or_silent_the_next_is_asked()
    {
        await using var slapd = await RealSlapd.StartAsync(("alice", []));
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var behind = new SmtpSink();
        await using var server = await ServerAsync(behind, slapd, $"\"ldaps://127.0.0.1:9\", \"ldaps://localhost:{((IPEndPoint)silent.LocalEndpoint).Port}\", \"ldaps://localhost:{slapd.TlsPort}\"");
        Assert.StartsWith("250", await OfferAsync(server, "alice@example.com"));
        Assert.Contains("did not answer within 00:00:02", server.Said);
        Assert.StartsWith("550 5.1.1", await OfferAsync(server, "carol@example.com"));
    }

    [Theory]
    [InlineData("gateway.ca_file = \"\"", "certificate")]
    [InlineData("gateway.ldap_bind_dn = \"cn=somebody,dc=example,dc=com\"", "refuses the login")]
    [InlineData("gateway.ldap_base = \"dc=elsewhere,dc=com\"", "does not search")]
    public async Task What_the_directory_refuses_is_no_answer(string setting, string problem)
    {
        await using var slapd = await RealSlapd.StartAsync(("alice", []));
        await using var behind = new SmtpSink();
        await using var server = await ServerAsync(behind, slapd, $"\"ldaps://localhost:{slapd.TlsPort}\"", setting);
        Assert.StartsWith("451 4.4.1", await OfferAsync(server, "alice@example.com"));
        Assert.Contains(problem, server.Said);
    }

    private static Task<InstalledServer> ServerAsync(SmtpSink behind, RealSlapd slapd, string servers, string instead = "")
    {
        List<string> settings =
        [
            $"gateway.domains = [\"example.com 127.0.0.1:{behind.Port} none\"]", "gateway.verify = \"ldap\"", $"gateway.ldap_servers = [{servers}]", $"gateway.ldap_base = \"{RealSlapd.Base}\"",
            $"gateway.ldap_bind_dn = \"{RealSlapd.User}\"", $"gateway.ldap_password_file = \"{slapd.PasswordFile}\"", $"gateway.ca_file = \"{slapd.Certificate}\"", "gateway.ldap_timeout = \"2s\"",
            "filter.greylist = false", "dns.resolvers = [\"127.0.0.1:9\"]", "dns.timeout = \"1s\"",
        ];
        if (instead.Length > 0)
        {
            settings.RemoveAll(line => line.StartsWith(instead.Split(" =")[0], StringComparison.Ordinal));
            settings.Add(instead);
        }
        return InstalledServer.StartAsync(string.Join('\n', settings));
    }

    private static async Task<string> OfferAsync(InstalledServer server, string recipient)
    {
        await using var client = await RawSmtp.ConnectAsync(server.Ports["mx"]);
        return await client.SendAsync("sender@elsewhere.example", recipient, Encoding.ASCII.GetBytes(
            $"From: <sender@elsewhere.example>\r\nTo: <alice@example.com>\r\nSubject: minutes\r\nDate: {DateTimeOffset.UtcNow:R}\r\nMessage-ID: <{Guid.NewGuid():n}@elsewhere.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nThe minutes are in the usual place. See you on Tuesday.\r\n"));
    }
}
