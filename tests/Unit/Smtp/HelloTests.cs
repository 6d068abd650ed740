using Sternpost.Unit.Smtp.Harness;

namespace Sternpost.Unit.Smtp;

/// <summary>Greeting, EHLO, HELO and the small commands.</summary>
public sealed class HelloTests : IAsyncLifetime
{
    private SmtpHost host = null!;

    public async ValueTask InitializeAsync() => host = await SmtpHost.StartAsync();

    public ValueTask DisposeAsync() => host.DisposeAsync();

    [Fact]
    public Task MX_offers_its_extensions_and_no_AUTH() => host.PlayAsync("""
        S: 220 mail.here.test ESMTP Sternpost
        C: EHLO client.example
        S: 250 mail.here.test greets client.example / PIPELINING / SIZE 52428800 / 8BITMIME / SMTPUTF8 / CHUNKING / DSN / ENHANCEDSTATUSCODES / STARTTLS / LIMITS MAILMAX=1000 RCPTMAX=100
        C: QUIT
        S: 221 2.0.0 *
        END
        """);

    [Fact]
    public Task Submission_offers_AUTH_only_under_TLS() => host.PlayAsync("""
        S: 220 *
        C: EHLO client.example
        S: 250 *ENHANCEDSTATUSCODES / STARTTLS / LIMITS *
        C: STARTTLS
        S: 220 2.0.0 *
        TLS
        C: EHLO client.example
        S: 250 *ENHANCEDSTATUSCODES / REQUIRETLS / AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN / LIMITS *
        """, "submission");

    [Fact]
    public Task HELO_offers_nothing_and_takes_no_parameters() => host.PlayAsync("""
        S: 220 *
        C: HELO client.example
        S: 250 mail.here.test greets client.example
        C: MAIL FROM:<a@outside.example> SIZE=100
        S: 555 5.5.4 *
        C: MAIL FROM:<a@outside.example>
        S: 250 2.1.0 Ok
        """);

    [Theory]
    [InlineData("", "501 5.5.4 *")]
    [InlineData("client.example", "250 *")]
    [InlineData("[192.0.2.1]", "250 *")]
    [InlineData("[IPv6:2001:db8::1]", "250 *")]
    // RFC 5321 §4.1.4: wrong names are no reason to refuse; the judges are told.
    [InlineData("192.0.2.1", "250 *")]
    [InlineData("my pc", "250 *")]
    [InlineData("localhost", "250 *")]
    [InlineData("under_score", "250 *")]
    [InlineData("grüße.example", "501 5.5.4 *")]
    public Task Names(string name, string reply) => host.PlayAsync($"""
        S: 220 *
        C: EHLO {name}
        S: {reply}
        """);

    [Fact]
    public Task A_name_of_more_than_255_octets_is_rubbish() => host.PlayAsync($"""
        S: 220 *
        C: EHLO {new string('a', 256)}
        S: 501 5.5.4 *
        """);

    [Fact]
    public Task A_new_EHLO_ends_the_transaction() => host.PlayAsync("""
        S: 220 *
        C: EHLO client.example
        S: 250 *
        C: MAIL FROM:<a@outside.example>
        S: 250 2.1.0 *
        C: EHLO client.example
        S: 250 *
        C: RCPT TO:<alice@here.test>
        S: 503 5.5.1 *
        """);

    [Fact]
    public Task Commands_out_of_order() => host.PlayAsync("""
        S: 220 *
        C: MAIL FROM:<a@outside.example>
        S: 503 5.5.1 Say EHLO first
        C: RCPT TO:<alice@here.test>
        S: 503 5.5.1 Say EHLO first
        C: DATA
        S: 503 5.5.1 Say EHLO first
        C: EHLO client.example
        S: 250 *
        C: RCPT TO:<alice@here.test>
        S: 503 5.5.1 Say MAIL first
        C: DATA
        S: 503 5.5.1 Say MAIL first
        C: MAIL FROM:<a@outside.example>
        S: 250 *
        C: MAIL FROM:<a@outside.example>
        S: 503 5.5.1 *
        C: DATA
        S: 554 5.5.1 *
        """);

    [Fact]
    public Task Small_commands() => host.PlayAsync("""
        S: 220 *
        C: noop
        S: 250 2.0.0 Ok
        C: NOOP and what follows is ignored
        S: 250 2.0.0 Ok
        C: RSET
        S: 250 2.0.0 *
        C: RSET now
        S: 501 5.5.4 *
        C: VRFY alice
        S: 252 2.5.0 *
        C: VRFY
        S: 501 5.5.4 *
        C: EXPN staff
        S: 502 5.5.1 *
        C: HELP
        S: 214 2.0.0 *Commands:*
        C: WHATEVER
        S: 500 5.5.1 *
        C: QUIT
        S: 221 2.0.0 *
        END
        """);

    [Fact]
    public Task White_space_at_the_end_of_a_command_is_tolerated() => host.PlayAsync("C: EHLO client.example  \nS: 220 *\nS: 250 *greets client.example /*");

    [Fact]
    public Task A_web_browser_is_sent_away() => host.PlayAsync("""
        S: 220 *
        C: GET / HTTP/1.1
        C: Host: mail.here.test
        S: 421 4.7.0 *not HTTP
        END
        """);

    [Theory]
    [InlineData("EHLO client.example\\n", "500 5.5.2 *")]
    [InlineData("EHLO client.example\\rNOOP\\r\\n", "500 5.5.2 *")]
    [InlineData("EHLO cli\\0ent.example\\r\\n", "500 5.5.2 *")]
    [InlineData("EHLO cli\\tent.example\\r\\n", "500 5.5.2 *")]
    public Task Lines_that_are_not_text(string octets, string reply) => host.PlayAsync($"""
        S: 220 *
        c: {octets}
        S: {reply}
        C: NOOP
        S: 250 2.0.0 Ok
        """);

    [Fact]
    public async Task Octets_that_are_not_UTF8_are_not_text()
    {
        await using var conversation = await host.ConnectAsync();
        await conversation.ExpectAsync("220 *");
        await conversation.SendAsync("EHLO \u00e9\u00e8.example\r\n");
        await conversation.ExpectAsync("500 5.5.2 *");
    }

    [Theory]
    [InlineData(510, "250 *")]
    [InlineData(511, "500 5.5.2 *")]
    [InlineData(3000, "500 5.5.2 *")]
    public Task Command_lines_are_at_most_512_octets(int length, string reply) => host.PlayAsync($"""
        S: 220 *
        C: NOOP {new string('x', length - 5)}
        S: {reply}
        C: NOOP
        S: 250 *
        """);

    [Theory]
    [InlineData(2048, "555 5.5.4 *")]
    [InlineData(2049, "500 5.5.2 *")]
    public Task MAIL_with_parameters_is_at_most_2048_octets(int length, string reply)
    {
        const string mail = "MAIL FROM:<a@outside.example> X=";
        return host.PlayAsync($"""
            S: 220 *
            C: EHLO client.example
            S: 250 *
            C: {mail}{new string('x', length - mail.Length)}
            S: {reply}
            """);
    }

    [Fact]
    public Task Pipelined_commands_are_answered_in_order() => host.PlayAsync("""
        S: 220 *
        C: EHLO client.example
        S: 250 *
        C: MAIL FROM:<a@outside.example>
        C: RCPT TO:<alice@here.test>
        C: RCPT TO:<nobody@here.test>
        C: RCPT TO:<bob@here.test>
        C: DATA
        S: 250 2.1.0 *
        S: 250 2.1.5 *
        S: 550 5.1.1 *
        S: 250 2.1.5 *
        S: 354 *
        C: Subject: group
        C: .
        C: MAIL FROM:<b@outside.example>
        C: QUIT
        S: 250 2.0.0 *
        S: 250 2.1.0 *
        S: 221 *
        END
        """);
}
