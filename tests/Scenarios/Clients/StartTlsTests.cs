using MailKit.Net.Imap;
using MailKit.Net.Pop3;
using MailKit.Net.Smtp;
using MailKit.Security;
using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Clients;

/// <summary>Every port that begins in clear: TLS by command, the certificate verified, no password before it, nothing smuggled across it.</summary>
public sealed class StartTlsTests(StartTlsTests.Installed installed) : IClassFixture<StartTlsTests.Installed>
{
    private const string Account = InstalledServer.Administrator;

    private InstalledServer Server => installed.Server;

    [Fact]
    public async Task IMAP()
    {
        using var client = new ImapClient { CheckCertificateRevocation = false, ServerCertificateValidationCallback = Trusts };
        await client.ConnectAsync("localhost", Server.Ports["imap"], SecureSocketOptions.StartTls);
        await client.AuthenticateAsync(Account, Server.Passwords[Account]);
        Assert.True(client.IsSecure);
    }

    [Fact]
    public async Task POP3()
    {
        using var client = new Pop3Client { CheckCertificateRevocation = false, ServerCertificateValidationCallback = Trusts };
        await client.ConnectAsync("localhost", Server.Ports["pop3"], SecureSocketOptions.StartTls);
        await client.AuthenticateAsync(Account, Server.Passwords[Account]);
        Assert.True(client.IsSecure);
    }

    [Fact]
    public async Task Submission()
    {
        using var client = new SmtpClient { CheckCertificateRevocation = false, ServerCertificateValidationCallback = Trusts };
        await client.ConnectAsync("localhost", Server.Ports["submission"], SecureSocketOptions.StartTls);
        await client.AuthenticateAsync(Account, Server.Passwords[Account]);
        Assert.True(client.IsSecure);
    }

    [Fact]
    public async Task MX()
    {
        using var client = new SmtpClient { CheckCertificateRevocation = false, ServerCertificateValidationCallback = Trusts };
        await client.ConnectAsync("localhost", Server.Ports["mx"], SecureSocketOptions.StartTls);
        Assert.True(client.IsSecure);
        Assert.Empty(client.AuthenticationMechanisms);
    }

    [Theory]
    [InlineData("imap", "imap")]
    [InlineData("pop3", "pop3")]
    [InlineData("managesieve", "sieve")]
    [InlineData("submission", "smtp")]
    [InlineData("mx", "smtp")]
    public async Task OpenSSL_agrees(string port, string protocol)
    {
        Peer.Need("openssl");
        var outcome = await Peer.RunAsync("openssl", ["s_client", "-connect", $"localhost:{Server.Ports[port]}", "-starttls", protocol, "-CAfile", Server.CertificateAuthority, "-verify_return_error", "-brief"], "");
        Assert.True(outcome.Errors.Contains("Verification: OK", StringComparison.Ordinal) && outcome.Errors.Contains("TLSv1.3", StringComparison.Ordinal), outcome.Output + outcome.Errors);
    }

    [Theory]
    [InlineData("imap", "", "a LOGIN boss@company.example secret", "a NO")]
    [InlineData("pop3", "", "USER boss@company.example", "-ERR")]
    [InlineData("submission", "EHLO client.example", "AUTH PLAIN AGJvc3MAc2VjcmV0", "5")]
    public async Task Without_TLS_no_password_is_taken(string port, string first, string attempt, string refusal)
    {
        using var client = new System.Net.Sockets.TcpClient("127.0.0.1", Server.Ports[port]);
        using var reader = new StreamReader(client.GetStream());
        await using var writer = new StreamWriter(client.GetStream()) { NewLine = "\r\n", AutoFlush = true };
        Assert.NotNull(await reader.ReadLineAsync());
        if (first.Length > 0)
        {
            await writer.WriteLineAsync(first);
            while (await reader.ReadLineAsync() is { } line && line[3] == '-') Assert.DoesNotContain("AUTH", line, StringComparison.Ordinal);
        }
        await writer.WriteLineAsync(attempt);
        Assert.StartsWith(refusal, await reader.ReadLineAsync());
    }

    private bool Trusts(object sender, System.Security.Cryptography.X509Certificates.X509Certificate? certificate, System.Security.Cryptography.X509Certificates.X509Chain? chain, System.Net.Security.SslPolicyErrors errors) =>
        certificate is System.Security.Cryptography.X509Certificates.X509Certificate2 leaf && Server.Trusts(leaf);

    /// <summary>One server for all, with the POP3 port that is off by default.</summary>
    public sealed class Installed : IAsyncLifetime
    {
        public InstalledServer Server { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Server = await InstalledServer.StartAsync();

        public ValueTask DisposeAsync() => Server.DisposeAsync();
    }
}
