using System.Text;
using Sternpost.Abuse.Limits;
using Sternpost.Unit.Smtp.Harness;

namespace Sternpost.Unit.Smtp;

/// <summary>Submission: who may write as whom, to whom, and how much; what is added to a message.</summary>
public sealed class SubmissionTests : IAsyncLifetime
{
    private SmtpHost host = null!;

    private static string SignedIn { get; } = $"""
        S: 220 *
        C: EHLO client.example
        S: 250 *
        C: AUTH PLAIN {Convert.ToBase64String(Encoding.UTF8.GetBytes("\0alice@here.test\0" + World.Password))}
        S: 235 2.7.0 *

        """;

    public async ValueTask InitializeAsync() => host = await SmtpHost.StartAsync(limits: new SendingLimitOptions { AccountPerHour = 3 });

    public ValueTask DisposeAsync() => host.DisposeAsync();

    [Fact]
    public Task Without_signing_in_nothing_is_taken() => host.PlayAsync("""
        S: 220 *
        C: EHLO client.example
        S: 250 *
        C: MAIL FROM:<alice@here.test>
        S: 530 5.7.0 *
        C: RCPT TO:<bob@here.test>
        S: 503 5.5.1 *
        """, "submissions");

    [Theory]
    [InlineData("alice@here.test", "250 *")]
    [InlineData("ALICE@here.test", "250 *")]
    [InlineData("alice+shop@here.test", "250 *")]
    [InlineData("sales@here.test", "250 *")]
    [InlineData("", "250 *")]
    [InlineData("bob@here.test", "550 5.7.1 <bob@here.test> is not an address of alice@here.test; send as *")]
    [InlineData("alice@elsewhere.example", "550 5.7.1 *")]
    public Task The_reverse_path_must_be_ones_own(string sender, string reply) => host.PlayAsync(SignedIn + $"""
        C: MAIL FROM:<{sender}>
        S: {reply}
        """, "submissions");

    [Theory]
    [InlineData("bob@here.test", "250 *")]
    [InlineData("friend@elsewhere.example", "250 *")]
    [InlineData("nobody@here.test", "550 5.1.1 *")]
    public Task Recipients_are_here_or_elsewhere(string recipient, string reply) => host.PlayAsync(SignedIn + $"""
        C: MAIL FROM:<alice@here.test>
        S: 250 *
        C: RCPT TO:<{recipient}>
        S: {reply}
        """, "submissions");

    [Fact]
    public Task Outside_recipients_of_one_message_count_together_and_colleagues_do_not() => host.PlayAsync(SignedIn + """
        C: MAIL FROM:<alice@here.test>
        S: 250 *
        C: RCPT TO:<a@elsewhere.example>
        S: 250 *
        C: RCPT TO:<b@elsewhere.example>
        S: 250 *
        C: RCPT TO:<bob@here.test>
        S: 250 *
        C: RCPT TO:<far@here.test>
        S: 250 *
        C: RCPT TO:<c@elsewhere.example>
        S: 452 4.7.28 *hourly limit of alice@here.test is 3 *
        C: RCPT TO:<sales@here.test>
        S: 250 *
        """, "submissions");

    [Theory]
    [InlineData("From: alice@here.test", null)]
    [InlineData("From: Alice <alice@here.test>", null)]
    [InlineData("From: \"Alice, of Here\" (sales) <sales@here.test>", null)]
    [InlineData("From: =?utf-8?q?Alice?= <Alice@Here.Test>", null)]
    [InlineData("From: Alice J. Here\\r\\n <alice@here.test>", null)]
    [InlineData("From: alice@here.test, sales@here.test\\r\\nSender: alice@here.test", null)]
    [InlineData("FROM : alice@here.test", null)]
    [InlineData("From: \"bob@here.test\" <alice@here.test>", null)]
    [InlineData("From: bob@here.test", "550 5.7.1 *<bob@here.test>, which is not an address of alice@here.test*")]
    [InlineData("From: Alice <alice@here.test>, bob@here.test", "550 5.7.1 *<bob@here.test>*")]
    [InlineData("From: alice@here.test <bob@here.test>", "554 5.6.0 *From field*")]
    [InlineData("From: alice@here.test (x) bob@here.test", "554 5.6.0 *")]
    [InlineData("From: <alice@here.test> <bob@here.test>", "554 5.6.0 *")]
    [InlineData("From: bob@here.test\\r\\nSender: alice@here.test", "550 5.7.1 *")]
    [InlineData("From: alice@here.test\\r\\nSender: bob@here.test", "550 5.7.1 *")]
    [InlineData("From: alice@here.test\\r\\nFrom: bob@here.test", "554 5.6.0 *more than one From*")]
    [InlineData("From: alice@here.test\\r\\nFrom : bob@here.test", "554 5.6.0 *more than one From*")]
    [InlineData("From: undisclosed:;", "554 5.6.0 *")]
    [InlineData("From: friends: alice@here.test;", "554 5.6.0 *")]
    [InlineData("From:", "554 5.6.0 *")]
    [InlineData("From: Alice", "554 5.6.0 *")]
    [InlineData("From: <>", "554 5.6.0 *")]
    [InlineData("To: bob@here.test", "554 5.6.0 *no From*")]
    [InlineData("From: alice@here.test\\r\\nno header field", "554 5.6.0 *not a header field*")]
    [InlineData("From alice Mon Jan 1 00:00:00 2026\\r\\nFrom: alice@here.test", "554 5.6.0 *not a header field*")]
    public async Task From_must_be_ones_own_and_be_one(string header, string? refusal)
    {
        await host.PlayAsync(SignedIn + $"""
            C: MAIL FROM:<alice@here.test>
            S: 250 *
            C: RCPT TO:<bob@here.test>
            S: 250 *
            C: DATA
            S: 354 *
            c: {header}\r\nDate: Mon, 04 May 2026 12:00:00 +0000\r\nMessage-ID: <1@here.test>\r\n\r\ntext\r\n.\r\n
            S: {refusal ?? "250 2.0.0 *"}
            """, "submissions");
        Assert.Equal(refusal is null ? 1 : 0, host.Intake.Messages.Count);
    }

    [Fact]
    public async Task A_missing_date_and_message_id_are_added_and_signed_content_holds_them()
    {
        await host.PlayAsync(SignedIn + """
            C: MAIL FROM:<alice@here.test>
            S: 250 *
            C: RCPT TO:<bob@here.test>
            S: 250 *
            C: DATA
            S: 354 *
            c: From: alice@here.test\r\n\r\ntext\r\n.\r\n
            S: 250 *
            """, "submissions");
        Assert.Matches(@"^Date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000\r\nMessage-ID: <[0-9a-f]{32}@here\.test>\r\nFrom: alice@here\.test\r\n\r\ntext\r\n$", host.Intake.SingleText);
    }

    [Fact]
    public async Task A_complete_message_is_not_touched()
    {
        // "\r\n" is written as four characters here and is two octets.
        const string header = "date: Mon, 04 May 2026 12:00:00 +0000\\r\\nmessage-id: <1@here.test>\\r\\nfrom: alice@here.test\\r\\n";
        await host.PlayAsync(SignedIn + $"""
            C: MAIL FROM:<alice@here.test>
            S: 250 *
            C: RCPT TO:<bob@here.test>
            C: RCPT TO:<friend@elsewhere.example>
            S: 250 *
            S: 250 *
            c: BDAT {header.Replace("\\r\\n", "\r\n").Length + 8} LAST\r\n{header}\r\ntext\r\n
            S: 250 *
            """, "submissions");
        Assert.Equal(header.Replace("\\r\\n", "\r\n") + "\r\ntext\r\n", host.Intake.SingleText);
        Assert.Empty(host.Judge.Seen);
        Assert.Matches(@"^Received: from client\.example \(\[127\.0\.0\.1\]\)\r\n\tby mail\.here\.test with ESMTPSA \(TLSv1\.[23]\) id [0-9a-z]{8}\.1\r\n\ttls TLS_\w+;\r\n\t\w{3}, .* \+0000\r\n$", host.Intake.SingleTrace);
    }
}
