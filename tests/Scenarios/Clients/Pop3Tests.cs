using System.Text;
using MailKit.Net.Pop3;
using MailKit.Security;
using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Clients;

/// <summary>POP3 by curl and by MailKit: the same octets that were sent, and deletion that lasts.</summary>
public sealed class Pop3Tests(Pop3Tests.BobsMail bobs) : IClassFixture<Pop3Tests.BobsMail>
{
    private const string Account = "bob@demo.test";

    private DemoServer Server => bobs.Server;

    [Fact]
    public async Task Curl_lists_and_fetches()
    {
        Peer.Need("curl");
        var list = await Curl("");
        Assert.True(list.ExitCode == 0, list.Errors);
        Assert.True(list.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Length >= bobs.Sent.Count, list.Output);
        var first = await Curl("1");
        Assert.True(first.ExitCode == 0, first.Errors);
        Assert.EndsWith(Encoding.Latin1.GetString(bobs.Sent[0]), first.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task MailKit_fetches_what_was_sent_and_removes_it_for_good()
    {
        using (var client = await OpenAsync())
        {
            Assert.Equal(bobs.Sent.Count, client.Count);
            for (var i = 0; i < client.Count; i++)
            {
                await using var stream = await client.GetStreamAsync(i);
                using var copy = new MemoryStream();
                await stream.CopyToAsync(copy);
                Assert.True(copy.ToArray().AsSpan().EndsWith(bobs.Sent[i]), Encoding.Latin1.GetString(copy.ToArray()));
            }
            await client.DeleteMessageAsync(2);
            await client.DisconnectAsync(quit: true);
        }
        // RFC 1939 §6: what was marked goes at QUIT, not before.
        using var again = await OpenAsync();
        Assert.Equal(bobs.Sent.Count - 1, again.Count);
        await using var smtp = await RawSmtp.SubmitAsync(Server, "alice@demo.test");
        Assert.StartsWith("250", await smtp.SendAsync("alice@demo.test", Account, bobs.Sent[2]));
    }

    private Task<Peer.Outcome> Curl(string message) =>
        Peer.RunAsync("curl", ["--silent", "--show-error", "--cacert", Server.CertificateAuthority, "--user", $"{Account}:{Server.Passwords[Account]}", $"pop3s://localhost:{Server.Ports["pop3s"]}/{message}"]);

    private async Task<Pop3Client> OpenAsync()
    {
        var client = new Pop3Client
        {
            CheckCertificateRevocation = false,
            ServerCertificateValidationCallback = (_, certificate, _, _) => certificate is System.Security.Cryptography.X509Certificates.X509Certificate2 leaf && Server.Trusts(leaf),
        };
        await client.ConnectAsync("localhost", Server.Ports["pop3s"], SecureSocketOptions.SslOnConnect);
        await client.AuthenticateAsync(Account, Server.Passwords[Account]);
        return client;
    }

    /// <summary>Three messages, one with lines that begin with dots.</summary>
    public sealed class BobsMail : IAsyncLifetime
    {
        public DemoServer Server { get; private set; } = null!;

        public List<byte[]> Sent { get; } = [];

        public async ValueTask InitializeAsync()
        {
            Server = await DemoServer.StartAsync("--no-scene");
            await using var smtp = await RawSmtp.SubmitAsync(Server, "alice@demo.test");
            foreach (var body in (string[])["Plain words.\r\n", ".\r\n..\r\n.leading dot\r\n", "Last.\r\n\r\n\r\n"])
            {
                var message = Encoding.ASCII.GetBytes($"From: alice@demo.test\r\nTo: bob@demo.test\r\nSubject: Number {Sent.Count}\r\nMessage-ID: <pop{Sent.Count}@demo.test>\r\nDate: {DateTimeOffset.UtcNow:r}\r\n\r\n{body}");
                Sent.Add(message);
                Assert.StartsWith("250", await smtp.SendAsync("alice@demo.test", Account, message));
            }
        }

        public ValueTask DisposeAsync() => Server.DisposeAsync();
    }
}
