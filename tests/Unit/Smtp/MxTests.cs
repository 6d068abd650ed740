using System.Net;
using Sternpost.Filter.Verdicts;
using Sternpost.Unit.Smtp.Harness;

namespace Sternpost.Unit.Smtp;

/// <summary>The MX door: judging, trace headers, forged results, reverse DNS, protocol faults.</summary>
public sealed class MxTests : IAsyncLifetime
{
    private SmtpHost host = null!;

    public async ValueTask InitializeAsync() => host = await SmtpHost.StartAsync();

    public ValueTask DisposeAsync() => host.DisposeAsync();

    private Task DeliverAsync(string message, string recipients = "C: RCPT TO:<alice@here.test>\nS: 250 *", string? from = null, string reply = "250 2.0.0 *", string hello = "client.example") => host.PlayAsync($"""
        S: 220 *
        C: EHLO {hello}
        S: 250 *
        C: MAIL FROM:<a@outside.example>
        S: 250 *
        {recipients}
        C: DATA
        S: 354 *
        c: {message}\r\n.\r\n
        S: {reply}
        """, from is null ? "mx" : "proxied", from);

    // A way back for bounces, and for nothing else.
    [Fact]
    public async Task An_address_made_for_forwarding_takes_bounces_alone()
    {
        var world = await World.GetAsync();
        var path = await world.Directory.ReturnPathAsync(Sternpost.Messages.Addresses.EmailAddress.Parse("writer@far.example"), Sternpost.Dns.DomainName.Parse("here.test"), default);
        var forged = path.ToString().Replace("far.example", "evil.example", StringComparison.Ordinal);
        await host.PlayAsync($"""
            S: 220 *
            C: EHLO client.example
            S: 250 *
            C: MAIL FROM:<a@outside.example>
            S: 250 *
            C: RCPT TO:<{path}>
            S: 550 5.1.1 *
            C: RSET
            S: 250 *
            C: MAIL FROM:<>
            S: 250 *
            C: RCPT TO:<{forged}>
            S: 550 5.1.1 *
            C: RCPT TO:<{path}>
            S: 250 *
            """);
    }

    [Fact]
    public async Task A_refused_message_gets_reason_and_reference_and_is_not_kept()
    {
        await using var conversation = await host.ConnectAsync();
        await conversation.PlayAsync("S: 220 *\nC: EHLO c.example\nS: 250 *\nC: MAIL FROM:<a@outside.example>\nS: 250 *\nC: RCPT TO:<alice@here.test>\nS: 250 *\nC: DATA\nS: 354 *");
        await conversation.SendAsync("Subject: REFUSE\r\n\r\n.\r\n");
        var reply = await conversation.ReplyAsync();
        Assert.Matches(@"^550 5\.7\.1 The message says so itself\. .* \([0-9a-z]{8}\.1\)$", reply);
        Assert.Contains(host.Judge.Seen.Single().Session.SessionId, reply);
        Assert.Empty(host.Intake.Messages);
    }

    [Theory]
    [InlineData("Subject: fine", Disposition.Accept)]
    [InlineData("Subject: JUNK", Disposition.Junk)]
    public async Task What_is_not_refused_goes_on_with_its_judgement(string message, Disposition disposition)
    {
        await DeliverAsync(message);
        Assert.Equal(disposition, host.Intake.Single.Judgement!.Verdict.Disposition);
        Assert.Null(host.Intake.Single.Submitter);
    }

    [Fact]
    public async Task Received_names_client_server_protocol_and_the_single_recipient()
    {
        await DeliverAsync("Subject: x");
        Assert.Matches(@"^Received: from client\.example \(\[127\.0\.0\.1\]\)\r\n\tby mail\.here\.test with ESMTP id [0-9a-z]{8}\.1\r\n\tfor <alice@here\.test>;\r\n\t\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000\r\n$", host.Intake.SingleTrace);
        Assert.Equal(host.Intake.Single.Session.SessionId, host.Intake.Single.Judgement!.Verdict.Reference);
    }

    [Fact]
    public async Task Of_several_recipients_Received_names_none()
    {
        await DeliverAsync("Subject: x", "C: RCPT TO:<alice@here.test>\nS: 250 *\nC: RCPT TO:<bob@here.test>\nS: 250 *");
        Assert.DoesNotContain("alice", host.Intake.SingleTrace);
        Assert.DoesNotContain("bob", host.Intake.SingleTrace);
    }

    [Fact]
    public async Task Authentication_results_stand_above_Received()
    {
        host.Judge.AuthenticationResults = "spf=pass smtp.mailfrom=a@outside.example;\r\n\tdmarc=pass header.from=outside.example";
        await DeliverAsync("Subject: x");
        Assert.StartsWith("Authentication-Results: mail.here.test;\r\n\tspf=pass smtp.mailfrom=a@outside.example;\r\n\tdmarc=pass header.from=outside.example\r\nReceived: ", host.Intake.SingleTrace);
    }

    [Fact]
    public async Task Authentication_results_forged_in_our_name_are_cut_out_before_judging()
    {
        await DeliverAsync("""
            Authentication-Results: mail.here.test; dmarc=pass\r\nSubject: x\r\nauthentication-results: (a (nested) comment)\r\n "MAIL.here.test" 1;\r\n\tspf=pass\r\nAuthentication-Results: other.example; spf=pass\r\nAuthentication-Results : mail.here.test.; spf=pass\r\n\r\nAuthentication-Results: mail.here.test; in the body
            """);
        const string kept = "Subject: x\r\nAuthentication-Results: other.example; spf=pass\r\n\r\nAuthentication-Results: mail.here.test; in the body\r\n";
        Assert.Equal(kept, host.Intake.SingleText);
        Assert.Equal(kept, System.Text.Encoding.Latin1.GetString(host.Judge.Seen.Single().Raw.Span));
    }

    [Fact]
    public async Task A_verdict_that_others_wrote_is_cut_out()
    {
        await DeliverAsync("X-Sternpost-Verdict: accept, score -9.9\\r\\nSubject: x\\r\\nx-sternpost-verdict:\\r\\n accept");
        Assert.Equal("Subject: x\r\n", host.Intake.SingleText);
    }

    [Fact]
    public async Task A_reverse_name_that_leads_back_is_known_to_the_judges_and_to_Received()
    {
        host.Zone.Reverse("203.0.113.9", "mail.outside.example").Address("mail.outside.example", "203.0.113.9");
        await DeliverAsync("Subject: x", from: "203.0.113.9");
        var session = host.Intake.Single.Session;
        Assert.Equal((IPAddress.Parse("203.0.113.9"), "pass", "mail.outside.example"), (session.ClientAddress, session.ReverseResult, session.ReverseName!.Ascii));
        Assert.Contains("from client.example (mail.outside.example [203.0.113.9])", host.Intake.SingleTrace);
    }

    [Theory]
    [InlineData("203.0.113.10", "fail")]
    [InlineData("203.0.113.11", "permerror")]
    [InlineData("203.0.113.12", "temperror")]
    [InlineData("203.0.113.13", "permerror")]
    [InlineData("10.1.2.3", "none")]
    [InlineData("2001:db8::9", "pass")]
    public async Task Every_way_reverse_DNS_may_come_out(string client, string result)
    {
        host.Zone.Reverse("203.0.113.10", "mail.outside.example").Address("mail.outside.example", "203.0.113.99")
            .Fails("12.113.0.203.in-addr.arpa").Reverse("203.0.113.13", "gone.example")
            .Reverse("10.1.2.3", "inside.example").Address("inside.example", "10.1.2.3")
            .Reverse("2001:db8::9", "six.example").Address("six.example", "2001:db8::9");
        await DeliverAsync("Subject: x", from: client);
        Assert.Equal(result, host.Intake.Single.Session.ReverseResult);
        if (client.Contains(':')) Assert.Contains("(six.example [IPv6:2001:db8::9])", host.Intake.SingleTrace);
    }

    [Theory]
    [InlineData("my pc", "helo-syntax")]
    [InlineData("192.0.2.1", "helo-syntax")]
    [InlineData("client.example", null)]
    [InlineData("[127.0.0.1]", null)]
    public async Task What_the_client_calls_itself_is_noted_where_it_is_no_name(string hello, string? fault)
    {
        await DeliverAsync("Subject: x", hello: hello);
        Assert.Equal(fault is null ? [] : [fault], host.Intake.Single.Session.ProtocolFaults);
        Assert.Contains(fault is null ? $"from {hello} (" : "from [127.0.0.1] (", host.Intake.SingleTrace);
    }

    [Fact]
    public async Task Talking_before_the_greeting_is_noted()
    {
        await using var slow = await SmtpHost.StartAsync(SmtpHost.Options with { GreetingDelay = TimeSpan.FromSeconds(30) });
        await slow.PlayAsync("""
            C: EHLO client.example
            S: 220 *
            S: 250 *
            C: MAIL FROM:<a@outside.example>
            C: RCPT TO:<alice@here.test>
            C: DATA
            S: 250 *
            S: 250 *
            S: 354 *
            C: Subject: x
            C: .
            S: 250 *
            """, "proxied", "203.0.113.20");
        Assert.Contains("early-talker", slow.Intake.Single.Session.ProtocolFaults);
    }

    [Fact]
    public async Task Commands_grouped_where_they_may_not_be_are_noted()
    {
        await host.PlayAsync("""
            S: 220 *
            C: HELO client.example
            C: MAIL FROM:<a@outside.example>
            C: RCPT TO:<alice@here.test>
            C: DATA
            C: Subject: x
            C: .
            S: 250 *
            S: 250 *
            S: 250 *
            S: 354 *
            S: 250 *
            """);
        Assert.Equal(["pipelined-hello", "pipelined-without-permission", "pipelined-data"], host.Intake.Single.Session.ProtocolFaults);
        Assert.Equal("SMTP", host.Intake.Single.Session.Protocol);
    }

    [Fact]
    public async Task A_client_whose_mail_was_wanted_is_greeted_at_once_from_then_on()
    {
        await using var patient = await SmtpHost.StartAsync(SmtpHost.Options with { GreetingDelay = TimeSpan.FromMilliseconds(400) });
        var first = await TimeToGreetingAsync(patient, "Subject: x");
        var second = await TimeToGreetingAsync(patient, "Subject: x");
        Assert.True(first >= TimeSpan.FromMilliseconds(350), $"The first greeting came after {first}.");
        Assert.True(second < first, $"{second} is not less than {first}.");

        static async Task<TimeSpan> TimeToGreetingAsync(SmtpHost host, string message)
        {
            var start = System.Diagnostics.Stopwatch.GetTimestamp();
            await using var conversation = await host.ConnectAsync("proxied", "203.0.113.21");
            await conversation.ExpectAsync("220 *");
            var elapsed = System.Diagnostics.Stopwatch.GetElapsedTime(start);
            await conversation.PlayAsync($"C: EHLO c.example\nS: 250 *\nC: MAIL FROM:<a@outside.example>\nS: 250 *\nC: RCPT TO:<alice@here.test>\nS: 250 *\nC: DATA\nS: 354 *\nC: {message}\nC: .\nS: 250 *");
            return elapsed;
        }
    }
}
