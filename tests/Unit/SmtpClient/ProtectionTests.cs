using System.Security.Cryptography.X509Certificates;
using Sternpost.Dns;
using Sternpost.Smtp.Client;
using Sternpost.Smtp.Client.Wires;

namespace Sternpost.Unit.SmtpClient;

/// <summary>TLS by policy, and passwords only inside it.</summary>
public class ProtectionTests
{
    private const string Offer = """
        S: 220 mx.example
        C: EHLO mail.sender.example
        S: 250-mx.example
        S: 250 STARTTLS

        """;

    private const string Upgrade = Offer + """
        C: STARTTLS
        S: 220 Go ahead
        TLS
        C: EHLO mail.sender.example

        """;

    private const string NoOffer = """
        S: 220 mx.example
        C: EHLO mail.sender.example
        S: 250 mx.example

        """;

    private static readonly X509Certificate2 Authority = ScriptedServer.Certificate("authority");
    private static readonly X509Certificate2 Good = ScriptedServer.Certificate("mx.example", Authority);
    private static readonly X509Certificate2 OtherName = ScriptedServer.Certificate("other.example", Authority);
    private static readonly X509Certificate2 Unknown = ScriptedServer.Certificate("mx.example");

    internal virtual IOutboundWires Wires => DirectWires.Instance;

    private ClientOptions Options => new()
    {
        Wires = Wires,
        HelloName = DomainName.Parse("mail.sender.example"),
        Deadlines = ConversationTests.Deadlines(TimeSpan.FromSeconds(5)),
        TrustedRoots = [Authority],
    };

    [Fact]
    public async Task Opportunistic_TLS_takes_any_certificate_and_says_what_it_saw()
    {
        await using var server = ScriptedServer.StartWithTls(Unknown, Upgrade + "S: 250 mx.example\nC: QUIT\nS: 221 Bye");
        await using var connection = await OpenedAsync(server, OutboundTls.Opportunistic);
        var protection = Assert.IsType<ConnectionProtection>(connection.Protection);
        Assert.StartsWith("TLSv1.", protection.Version);
        Assert.False(protection.IsVerified);
        Assert.Equal(Unknown.GetCertHashString(System.Security.Cryptography.HashAlgorithmName.SHA256), protection.CertificateSha256);
    }

    [Theory]
    [InlineData("S: 454 TLS not available now\nC: QUIT\nS: 221 Bye")]
    public async Task A_refused_STARTTLS_goes_on_in_clear_on_the_same_connection(string answer)
    {
        await using var server = ScriptedServer.Start(Offer + "C: STARTTLS\n" + answer);
        await using (var connection = await OpenedAsync(server, OutboundTls.Opportunistic)) Assert.Null(connection.Protection);
        await server.DoneAsync();
    }

    [Theory]
    [InlineData("GARBLE\nHANG")]
    [InlineData("CLOSE")]
    public async Task A_failed_handshake_is_followed_by_a_new_connection_in_clear(string handshake)
    {
        await using var server = ScriptedServer.Start(Offer + "C: STARTTLS\nS: 220 Go\n" + handshake, Offer + "C: QUIT\nS: 221 Bye");
        await using (var connection = await OpenedAsync(server, OutboundTls.Opportunistic))
        {
            Assert.Null(connection.Protection);
            Assert.Contains("TLS handshake", connection.CleartextReason);
        }
        await server.DoneAsync();
    }

    [Theory]
    [InlineData(OutboundTls.Required)]
    [InlineData(OutboundTls.Verified)]
    public async Task Where_TLS_is_demanded_nothing_is_sent_without_it(OutboundTls policy)
    {
        await using var offersNone = ScriptedServer.Start(NoOffer + "C: QUIT\nS: 221 Bye");
        Assert.Equal("4.7.5", (await FailureAsync(offersNone, policy)).Status);
        await using var refuses = ScriptedServer.Start(Offer + "C: STARTTLS\nS: 454 Not now\nC: QUIT\nS: 221 Bye");
        Assert.Equal("4.7.5", (await FailureAsync(refuses, policy)).Status);
        await using var garbles = ScriptedServer.Start(Offer + "C: STARTTLS\nS: 220 Go\nGARBLE\nHANG");
        Assert.Equal("4.7.5", (await FailureAsync(garbles, policy)).Status);
        await offersNone.DoneAsync();
        await refuses.DoneAsync();
        await garbles.DoneAsync();
    }

    [Fact]
    public async Task A_verified_connection_needs_the_hosts_own_certificate()
    {
        await using var good = ScriptedServer.StartWithTls(Good, Upgrade + "S: 250 mx.example\nC: QUIT\nS: 221 Bye");
        await using (var connection = await OpenedAsync(good, OutboundTls.Verified)) Assert.True(connection.Protection!.IsVerified);
        foreach (var wrong in new[] { OtherName, Unknown })
        {
            await using var server = ScriptedServer.StartWithTls(wrong, Upgrade);
            var failure = await FailureAsync(server, OutboundTls.Verified);
            Assert.Equal("4.7.5", failure.Status);
            Assert.False(failure.IsPermanent);
        }
    }

    [Fact]
    public async Task Implicit_TLS_begins_before_the_greeting()
    {
        await using var server = ScriptedServer.StartWithTls(Good, "TLS\n" + NoOffer + "C: QUIT\nS: 221 Bye");
        await using (var connection = await OpenedAsync(server, OutboundTls.Implicit)) Assert.True(connection.Protection!.IsVerified);
        await server.DoneAsync();
    }

    // The client's side of CVE-2011-0411: a reply put in before TLS must not be read as if it came inside.
    [Fact]
    public async Task A_reply_sent_ahead_of_the_handshake_is_not_believed()
    {
        await using var server = ScriptedServer.StartWithTls(Good, Offer + "C: STARTTLS\nS! 220 Go\\r\\n250 mx.example\\r\\n\nHANG");
        Assert.Equal("4.7.5", (await FailureAsync(server, OutboundTls.Verified)).Status);
    }

    [Fact]
    public async Task What_was_offered_before_TLS_is_forgotten()
    {
        await using var server = ScriptedServer.StartWithTls(Good, """
            S: 220 mx.example
            C: EHLO mail.sender.example
            S: 250-mx.example
            S: 250-SIZE 1
            S: 250 STARTTLS
            C: STARTTLS
            S: 220 Go
            TLS
            C: EHLO mail.sender.example
            S: 250 mx.example
            C: MAIL FROM:<a@sender.example>
            S: 250 Ok
            C: RCPT TO:<b@mx.example>
            S: 250 Ok
            C: DATA
            S: 354 Go
            DATA
            S: 250 Ok
            C: QUIT
            """);
        await using var connection = await OpenedAsync(server, OutboundTls.Opportunistic);
        Assert.Equal("Delivered 2.0.0 250 Ok", ConversationTests.Text(await connection.SendAsync(ConversationTests.Message("hello\r\n"), ConversationTests.Recipients("b@mx.example"))));
    }

    [Theory]
    [InlineData("PLAIN LOGIN", "C: AUTH PLAIN AHVzZXIAc2VjcmV0\nS: 235 Welcome")]
    [InlineData("LOGIN", "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: dXNlcg==\nS: 334 UGFzc3dvcmQ6\nC: c2VjcmV0\nS: 235 Welcome")]
    public async Task Signing_in_happens_inside_TLS(string mechanisms, string exchange)
    {
        await using var server = ScriptedServer.StartWithTls(Good, Upgrade + $"S: 250-mx.example\nS: 250 AUTH {mechanisms}\n{exchange}\nC: QUIT\nS: 221 Bye");
        await (await OpenedAsync(server, OutboundTls.Verified, new ClientCredentials("user", "secret"))).DisposeAsync();
        await server.DoneAsync();
    }

    [Fact]
    public async Task A_password_is_never_sent_in_clear()
    {
        await using var server = ScriptedServer.Start("S: 220 mx.example\nC: EHLO mail.sender.example\nS: 250-mx.example\nS: 250 AUTH PLAIN LOGIN\nC: QUIT\nS: 221 Bye");
        Assert.Equal("4.7.5", (await FailureAsync(server, OutboundTls.Opportunistic, new ClientCredentials("user", "secret"))).Status);
        await server.DoneAsync();
    }

    [Fact]
    public async Task A_refused_password_defers_and_shows_only_the_name()
    {
        await using var server = ScriptedServer.StartWithTls(Good, Upgrade + "S: 250-mx.example\nS: 250 AUTH PLAIN\nC: AUTH PLAIN *\nS: 535 5.7.8 Wrong\nC: QUIT\nS: 221 Bye");
        var failure = await FailureAsync(server, OutboundTls.Verified, new ClientCredentials("user", "secret"));
        Assert.False(failure.IsPermanent);
        Assert.Contains("user", failure.Reason);
        Assert.DoesNotContain("secret", failure.Reason);
    }

    private async Task<SmtpClientConnection> OpenedAsync(ScriptedServer server, OutboundTls policy, ClientCredentials? credentials = null) =>
        Assert.IsType<ClientOpening.Opened>(await SmtpClientConnection.OpenAsync(ConversationTests.Server(server, policy, credentials), Options, TimeProvider.System, default)).Connection;

    private async Task<ClientFailure> FailureAsync(ScriptedServer server, OutboundTls policy, ClientCredentials? credentials = null) =>
        Assert.IsType<ClientOpening.Failed>(await SmtpClientConnection.OpenAsync(ConversationTests.Server(server, policy, credentials), Options, TimeProvider.System, default)).Failure;
}
