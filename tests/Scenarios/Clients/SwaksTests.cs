using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Clients;

/// <summary>swaks, the tester every mail administrator knows, against the demo's three SMTP doors.</summary>
public sealed class SwaksTests(OneDemo demo) : IClassFixture<OneDemo>
{
    private DemoServer Server => demo.Server;

    [Fact]
    public async Task Plain_mail_is_taken_at_the_MX_port()
    {
        var outcome = await SwaksAsync("mx");
        Assert.True(outcome.ExitCode == 0, outcome.Output + outcome.Errors);
        Assert.Contains("250 2.0.0", outcome.Output);
    }

    [Fact]
    public async Task STARTTLS_at_the_MX_port_with_the_certificate_verified()
    {
        var outcome = await SwaksAsync("mx", "--tls", "--tls-verify", "--tls-ca-path", Server.CertificateAuthority);
        Assert.True(outcome.ExitCode == 0, outcome.Output + outcome.Errors);
        Assert.Contains("TLS started", outcome.Output);
    }

    [Fact]
    public async Task AUTH_is_never_offered_at_the_MX_port()
    {
        var outcome = await SwaksAsync("mx", "--tls", "--quit-after", "FIRST-EHLO");
        Assert.DoesNotContain("AUTH", outcome.Output);
    }

    [Theory]
    [InlineData("PLAIN")]
    [InlineData("LOGIN")]
    public async Task Submission_with_STARTTLS_and_a_password(string mechanism)
    {
        var outcome = await SubmitAsync("submission", "--tls", mechanism, Server.Passwords["alice@demo.test"]);
        Assert.True(outcome.ExitCode == 0, outcome.Output + outcome.Errors);
    }

    [Theory]
    [InlineData("PLAIN")]
    [InlineData("LOGIN")]
    public async Task Submissions_with_implicit_TLS_and_a_password(string mechanism)
    {
        var outcome = await SubmitAsync("submissions", "--tlsc", mechanism, Server.Passwords["alice@demo.test"]);
        Assert.True(outcome.ExitCode == 0, outcome.Output + outcome.Errors);
    }

    [Fact]
    public async Task A_wrong_password_is_refused()
    {
        var outcome = await SubmitAsync("submissions", "--tlsc", "PLAIN", "not the password");
        Assert.NotEqual(0, outcome.ExitCode);
        Assert.Contains("535 5.7.8", outcome.Output);
    }

    [Fact]
    public async Task Submission_without_signing_in_is_refused()
    {
        var outcome = await SwaksAsync("submission", "--tls");
        Assert.NotEqual(0, outcome.ExitCode);
        Assert.Contains("530 5.7.0", outcome.Output);
    }

    [Fact]
    public async Task Mail_for_strangers_is_not_relayed()
    {
        Peer.Need("swaks");
        var outcome = await Peer.RunAsync("swaks", ["--server", "127.0.0.1", "--port", Server.Ports["mx"].ToString(), "--from", "a@outside.example", "--to", "b@elsewhere.example", "--ehlo", "client.example"]);
        Assert.NotEqual(0, outcome.ExitCode);
        Assert.Contains("550 5.7.1", outcome.Output);
    }

    [Fact]
    public async Task Sending_as_somebody_else_is_refused()
    {
        Peer.Need("swaks");
        var outcome = await Peer.RunAsync("swaks", ["--server", "127.0.0.1", "--port", Server.Ports["submissions"].ToString(), "--tlsc", "--from", "bob@demo.test", "--to", "admin@demo.test", "--ehlo", "client.example", "--auth", "PLAIN", "--auth-user", "alice@demo.test", "--auth-password", Server.Passwords["alice@demo.test"]]);
        Assert.NotEqual(0, outcome.ExitCode);
        Assert.Contains("5.7.1", outcome.Output);
    }

    private Task<Peer.Outcome> SubmitAsync(string port, string tls, string mechanism, string password)
    {
        Peer.Need("swaks");
        return Peer.RunAsync("swaks", ["--server", "127.0.0.1", "--port", Server.Ports[port].ToString(), tls, "--tls-verify", "--tls-ca-path", Server.CertificateAuthority, "--from", "alice@demo.test", "--to", "bob@demo.test", "--ehlo", "client.example", "--auth", mechanism, "--auth-user", "alice@demo.test", "--auth-password", password, "--h-Subject", "From swaks", "--body", "Sent with " + mechanism]);
    }

    private Task<Peer.Outcome> SwaksAsync(string port, params string[] more)
    {
        Peer.Need("swaks");
        return Peer.RunAsync("swaks", ["--server", "127.0.0.1", "--port", Server.Ports[port].ToString(), "--from", "carol@outside.example", "--to", "bob@demo.test", "--ehlo", "client.example", "--h-Subject", "The minutes of Tuesday", "--body", "Dear Bob, the minutes are ready. Carol", .. more]);
    }
}
