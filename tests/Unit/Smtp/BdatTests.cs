using Sternpost.Unit.Smtp.Harness;

namespace Sternpost.Unit.Smtp;

/// <summary>BDAT (RFC 3030).</summary>
public sealed class BdatTests : IAsyncLifetime
{
    private const string Opening = """
        S: 220 *
        C: EHLO client.example
        S: 250 *
        C: MAIL FROM:<a@outside.example>
        S: 250 *
        C: RCPT TO:<alice@here.test>
        S: 250 *

        """;

    private SmtpHost host = null!;

    public async ValueTask InitializeAsync() => host = await SmtpHost.StartAsync(SmtpHost.Options with { MessageSize = 10_000 });

    public ValueTask DisposeAsync() => host.DisposeAsync();

    [Fact]
    public async Task One_chunk_with_LAST()
    {
        await host.PlayAsync(Opening + """
            c: BDAT 20 LAST\r\nSubject: x\r\n\r\n.\r\n.\r\n
            S: 250 2.0.0 Ok, kept as test
            """);
        // Dots are text here: a chunk is not stuffed.
        Assert.Equal("Subject: x\r\n\r\n.\r\n.\r\n", host.Intake.SingleText);
    }

    [Fact]
    public async Task Many_chunks_pipelined_with_the_next_transaction()
    {
        await host.PlayAsync("""
            S: 220 *
            C: EHLO client.example
            S: 250 *
            C: MAIL FROM:<a@outside.example> BODY=8BITMIME SIZE=20
            C: RCPT TO:<alice@here.test>
            c: BDAT 4\r\nSubjBDAT 7\r\nect: x\rBDAT 3 last\r\n\n\r\nMAIL FROM:<b@outside.example>\r\n
            S: 250 2.1.0 *
            S: 250 2.1.5 *
            S: 250 2.0.0 Ok, chunk received
            S: 250 2.0.0 Ok, chunk received
            S: 250 2.0.0 Ok, kept as test
            S: 250 2.1.0 *
            """);
        Assert.Equal("Subject: x\r\n\r\n", host.Intake.SingleText);
    }

    [Fact]
    public async Task An_empty_last_chunk_ends_the_message()
    {
        await host.PlayAsync(Opening + """
            c: BDAT 14\r\nSubject: x\r\n\r\n
            S: 250 2.0.0 *
            C: BDAT 0 LAST
            S: 250 2.0.0 Ok, kept as test
            """);
        Assert.Equal("Subject: x\r\n\r\n", host.Intake.SingleText);
    }

    [Theory]
    [InlineData("BDAT 11 LAST\\r\\nSubject: x\\n")]
    [InlineData("BDAT 11 LAST\\r\\nSubject: x\\r")]
    [InlineData("BDAT 12 LAST\\r\\nSubject:\\rx\\r\\n")]
    [InlineData("BDAT 19 LAST\\r\\nS: x\\r\\n\\r\\ntext\\n.\\nMAIL")]
    public async Task Bare_line_ends_are_refused_as_in_DATA(string command)
    {
        await host.PlayAsync(Opening + $"""
            c: {command}
            S: 554 5.6.0 *lines end with CR LF together*
            C: NOOP
            S: 250 2.0.0 Ok
            """);
        Assert.Empty(host.Intake.Messages);
    }

    [Fact]
    public Task A_bare_line_end_across_chunks_is_found() => host.PlayAsync(Opening + """
        c: BDAT 11\r\nSubject: x\r
        S: 250 2.0.0 *
        c: BDAT 1\r\nx
        S: 554 5.6.0 *
        """);

    [Theory]
    [InlineData("BDAT 10000 LAST", 10_000, "250 *")]
    [InlineData("BDAT 10001 LAST", 10_001, "552 5.3.4 *")]
    [InlineData("BDAT 10001", 10_001, "552 5.3.4 *")]
    public async Task The_size_limit_at_its_edge(string command, int size, string reply)
    {
        await using var conversation = await host.ConnectAsync();
        await conversation.PlayAsync(Opening);
        await conversation.SendAsync(command + "\r\n" + new string('x', size));
        await conversation.ExpectAsync(reply);
        await conversation.PlayAsync("C: NOOP\nS: 250 *");
    }

    [Fact]
    public Task A_chunk_far_beyond_the_limit_is_not_waited_for() => host.PlayAsync(Opening + """
        C: BDAT 20001 LAST
        S: 552 5.3.4 *
        END
        """);

    [Theory]
    [InlineData("BDAT")]
    [InlineData("BDAT x")]
    [InlineData("BDAT 5 FIRST")]
    [InlineData("BDAT -5")]
    [InlineData("BDAT 999999999999999999999")]
    public Task A_malformed_BDAT_ends_the_connection_because_a_chunk_may_follow(string command) => host.PlayAsync(Opening + $"""
        C: {command}
        C: QUIT
        S: 501 5.5.4 *
        END
        """);

    [Fact]
    public Task A_chunk_is_read_even_where_its_command_is_refused() => host.PlayAsync("""
        S: 220 *
        c: BDAT 6\r\nQUIT\r\n
        S: 503 5.5.1 Say EHLO first
        C: EHLO client.example
        S: 250 *
        c: BDAT 6 LAST\r\nQUIT\r\n
        S: 503 5.5.1 Say MAIL first
        C: MAIL FROM:<a@outside.example>
        S: 250 *
        C: RCPT TO:<nobody@here.test>
        c: BDAT 6 LAST\r\nQUIT\r\n
        S: 550 5.1.1 *
        S: 554 5.5.1 *
        C: NOOP
        S: 250 2.0.0 Ok
        """);

    [Fact]
    public Task BDAT_and_DATA_do_not_mix() => host.PlayAsync(Opening + """
        c: BDAT 4\r\nSubj
        S: 250 *
        C: DATA
        S: 503 5.5.1 *
        C: RCPT TO:<bob@here.test>
        S: 503 5.5.1 *
        C: MAIL FROM:<b@outside.example>
        S: 503 5.5.1 *
        C: RSET
        S: 250 *
        C: MAIL FROM:<b@outside.example>
        S: 250 *
        """);
}
