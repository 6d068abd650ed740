using System.Text;
using Sternpost.Unit.Smtp.Harness;

namespace Sternpost.Unit.Smtp;

/// <summary>DATA: the end of a message, what may be in it, how large it may be.</summary>
public sealed class DataTests : IAsyncLifetime
{
    private const string Opening = """
        S: 220 *
        C: EHLO client.example
        S: 250 *
        C: MAIL FROM:<a@outside.example>
        S: 250 *
        C: RCPT TO:<alice@here.test>
        S: 250 *
        C: DATA
        S: 354 *

        """;

    private SmtpHost host = null!;

    public async ValueTask InitializeAsync() => host = await SmtpHost.StartAsync(SmtpHost.Options with { MessageSize = 100_000, TextLine = 50_000, HeaderSection = 20_000 });

    public ValueTask DisposeAsync() => host.DisposeAsync();

    [Fact]
    public async Task Dots_are_unstuffed_and_nothing_else_changes()
    {
        await host.PlayAsync(Opening + """
            c: Subject: dots\r\n\r\n..\r\n...\r\n.. .\r\nend.\r\n.\r\n
            S: 250 2.0.0 *
            """);
        Assert.Equal("Subject: dots\r\n\r\n.\r\n..\r\n. .\r\nend.\r\n", host.Intake.SingleText);
    }

    // Each is what some server once took for the end of data, followed by what a smuggler wants it to take for commands.
    [Theory]
    [InlineData("\\n.\\n")]
    [InlineData("\\n.\\r\\n")]
    [InlineData("\\r.\\r\\n")]
    [InlineData("\\r.\\r")]
    [InlineData("\\r\\n.\\n")]
    [InlineData("\\r\\n.\\r")]
    [InlineData("\\n.\\r")]
    [InlineData("\\r.\\n")]
    [InlineData("\\r\\r\\n.\\r\\r\\n")]
    [InlineData("\\r\\n\\0.\\r\\n\\n")]
    [InlineData("\\n\\r\\n.\\r")]
    public async Task A_smuggled_message_is_refused_with_its_carrier(string end)
    {
        await host.PlayAsync(Opening + $"""
            c: Subject: innocent\r\n\r\ntext{end}MAIL FROM:<admin@here.test>\r\nRCPT TO:<bob@here.test>\r\nDATA\r\nSubject: smuggled\r\n\r\nforged\r\n.\r\n
            S: 554 5.6.0 *lines end with CR LF together*
            C: NOOP
            S: 250 2.0.0 Ok
            """);
        Assert.Empty(host.Intake.Messages);
        Assert.Empty(host.Judge.Seen);
    }

    [Theory]
    [InlineData("a\\nb")]
    [InlineData("a\\rb")]
    public async Task A_bare_line_end_anywhere_is_refused(string text)
    {
        await host.PlayAsync(Opening + $"""
            c: Subject: x\r\n\r\n{text}\r\n.\r\n
            S: 554 5.6.0 *
            """);
        Assert.Empty(host.Intake.Messages);
    }

    [Fact]
    public async Task Eight_bit_text_NUL_and_long_lines_are_taken_as_they_are()
    {
        var text = "Subject: x\r\n\r\n\0\u0080\u00ff" + new string('x', 20_000) + "\r\n";
        await using var conversation = await host.ConnectAsync();
        await conversation.PlayAsync(Opening);
        await conversation.SendAsync(text + ".\r\n");
        await conversation.ExpectAsync("250 2.0.0 *");
        Assert.Equal(text, host.Intake.SingleText);
    }

    [Fact]
    public async Task A_message_without_a_header_or_without_anything_is_a_message()
    {
        await host.PlayAsync(Opening + """
            C: .
            S: 250 2.0.0 *
            C: MAIL FROM:<>
            S: 250 *
            C: RCPT TO:<alice@here.test>
            S: 250 *
            C: DATA
            S: 354 *
            c: \r\nonly text\r\n.\r\n
            S: 250 2.0.0 *
            """);
        Assert.Equal(["", "\r\nonly text\r\n"], host.Intake.Messages.Select(message => Encoding.Latin1.GetString(message.Content.Span)));
    }

    [Theory]
    [InlineData(100_000, true)]
    [InlineData(100_001, false)]
    public async Task The_size_limit_counts_the_message_without_its_dots(int size, bool fits)
    {
        // Every line begins with a dot, so a third of what is sent is stuffing and does not count.
        var message = new StringBuilder("Subject: x\r\n\r\n");
        while (message.Length + 3 <= size) message.Append(".\r\n");
        message.Insert("Subject: x".Length, new string('y', size - message.Length));
        Assert.Equal(size, message.Length);
        await using var conversation = await host.ConnectAsync();
        await conversation.PlayAsync(Opening);
        await conversation.SendAsync(message.ToString().Replace("\r\n.", "\r\n..", StringComparison.Ordinal) + ".\r\n");
        await conversation.ExpectAsync(fits ? "250 2.0.0 *" : "552 5.3.4 *100000 octets*");
        await conversation.PlayAsync("C: NOOP\nS: 250 *");
        Assert.Equal(fits ? 1 : 0, host.Intake.Messages.Count);
        if (fits) Assert.Equal(message.ToString(), host.Intake.SingleText);
    }

    [Fact]
    public async Task Who_sends_far_more_than_allowed_is_cut_off()
    {
        await using var conversation = await host.ConnectAsync();
        await conversation.PlayAsync(Opening);
        var lines = string.Concat(Enumerable.Repeat(new string('x', 98) + "\r\n", 2700));
        await conversation.SendAsync(lines);
        await conversation.ExpectAsync("552 5.3.4 *");
        await conversation.ExpectEndAsync();
    }

    [Theory]
    [InlineData(20_000, "250 *")]
    [InlineData(20_001, "552 5.3.4 The header section *")]
    public async Task Header_sections_have_a_limit(int length, string reply)
    {
        await using var conversation = await host.ConnectAsync();
        await conversation.PlayAsync(Opening);
        await conversation.SendAsync("X: " + new string('x', length - 5) + "\r\n\r\ntext\r\n.\r\n");
        await conversation.ExpectAsync(reply);
    }

    [Theory]
    [InlineData(49_999, "250 *")]
    [InlineData(50_001, "554 5.6.0 A line *")]
    public async Task Lines_have_a_limit(int length, string reply)
    {
        await using var conversation = await host.ConnectAsync();
        await conversation.PlayAsync(Opening);
        await conversation.SendAsync("Subject: x\r\n\r\nshort\r\n" + new string('x', length - 1) + "\r\nshort\r\n.\r\n");
        await conversation.ExpectAsync(reply);
    }

    [Fact]
    public async Task A_client_that_leaves_in_the_middle_has_sent_nothing()
    {
        await using (var conversation = await host.ConnectAsync())
        {
            await conversation.PlayAsync(Opening);
            await conversation.SendAsync("Subject: cut\r\n\r\nhalf a mess");
        }
        await host.StopAsync(TimeSpan.FromSeconds(10));
        Assert.Empty(host.Intake.Messages);
    }

    [Fact]
    public Task After_a_message_another_may_follow() => host.PlayAsync(Opening + """
        C: Subject: one
        C: .
        S: 250 2.0.0 *
        C: DATA
        S: 503 5.5.1 Say MAIL first
        C: MAIL FROM:<b@outside.example>
        S: 250 *
        """);

    [Fact]
    public async Task What_the_intake_answers_is_the_reply()
    {
        host.Intake.Answer = _ => new(false, 452, "4.3.1", "The disk is full", "x");
        await host.PlayAsync(Opening + """
            C: Subject: one
            C: .
            S: 452 4.3.1 The disk is full
            """);
    }

    [Fact]
    public async Task An_error_of_ours_asks_the_client_to_come_back()
    {
        host.Intake.Answer = _ => throw new InvalidOperationException("a bug");
        await host.PlayAsync(Opening + """
            C: Subject: one
            C: .
            S: 421 4.3.0 *
            END
            """);
    }

    [Fact]
    public Task DATA_takes_no_argument() => host.PlayAsync("""
        S: 220 *
        C: DATA now
        S: 501 5.5.4 *
        """);
}
