using Sternpost.Unit.Smtp.Harness;

namespace Sternpost.Unit.Smtp;

/// <summary>STARTTLS (RFC 3207).</summary>
public sealed class StartTlsTests : IAsyncLifetime
{
    private SmtpHost host = null!;

    public async ValueTask InitializeAsync() => host = await SmtpHost.StartAsync();

    public ValueTask DisposeAsync() => host.DisposeAsync();

    [Fact]
    public async Task All_that_was_said_in_clear_is_forgotten()
    {
        await host.PlayAsync("""
            S: 220 *
            C: EHLO liar.example
            S: 250 *
            C: MAIL FROM:<a@outside.example>
            S: 250 *
            C: RCPT TO:<alice@here.test>
            S: 250 *
            C: STARTTLS
            S: 220 2.0.0 *
            TLS
            C: RCPT TO:<alice@here.test>
            S: 503 5.5.1 Say EHLO first
            C: MAIL FROM:<a@outside.example>
            S: 503 5.5.1 Say EHLO first
            C: EHLO honest.example
            S: 250 *
            C: STARTTLS
            S: 503 5.5.1 TLS is up already
            C: MAIL FROM:<a@outside.example>
            S: 250 *
            C: RCPT TO:<alice@here.test>
            S: 250 *
            C: DATA
            S: 354 *
            C: Subject: x
            C: .
            S: 250 *
            """);
        var session = host.Intake.Single.Session;
        Assert.Equal(("honest.example", "ESMTPS"), (session.Helo, session.Protocol));
        Assert.StartsWith("TLSv1.", session.TlsVersion);
        Assert.StartsWith("TLS_", session.TlsCipher);
    }

    // CVE-2011-0411: somebody on the way adds commands in clear, hoping that they are obeyed as if the client had sent them by TLS.
    [Theory]
    [InlineData("c: STARTTLS\\r\\nMAIL FROM:<a@outside.example>\\r\\n")]
    [InlineData("c: STARTTLS\\r\\nX")]
    public async Task Commands_pipelined_after_it_end_the_connection(string octets)
    {
        await host.PlayAsync($"""
            S: 220 *
            C: EHLO client.example
            S: 250 *
            {octets}
            S: 421 4.7.0 *
            END
            """);
    }

    [Fact]
    public async Task Commands_in_clear_during_the_handshake_end_the_connection()
    {
        await using var conversation = await host.ConnectAsync();
        await conversation.PlayAsync("S: 220 *\nC: EHLO client.example\nS: 250 *\nC: STARTTLS\nS: 220 2.0.0 *");
        await conversation.SendAsync("MAIL FROM:<a@outside.example>\r\n");
        // What comes is at most a TLS alert, then the end; never a reply.
        var failure = await Record.ExceptionAsync(() => conversation.ReplyAsync());
        Assert.True(failure is IOException or ArgumentOutOfRangeException or Xunit.Sdk.XunitException, failure?.ToString());
    }

    [Fact]
    public Task It_takes_no_argument() => host.PlayAsync("""
        S: 220 *
        C: STARTTLS now
        S: 501 5.5.4 *
        """);
}
