using System.IO.Compression;
using System.Net;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Sternpost.Abuse.Limits;
using Sternpost.Dns;
using Sternpost.Filter;
using Sternpost.Filter.Verdicts;
using Sternpost.MailAuth;
using Sternpost.MailAuth.Dmarc;
using Sternpost.MailAuth.Spf;
using Sternpost.Messages.Addresses;
using Sternpost.Messages.Envelopes;
using Sternpost.Queue.Intake;
using Sternpost.Reports;
using Sternpost.Reports.Received;
using Sternpost.Smtp.Intake;
using Sternpost.Unit.Queue;

namespace Sternpost.Unit.Reports;

/// <summary>Reports that come by mail are kept in the transaction that keeps the mail.</summary>
public sealed class ReceivedReportsTests
{
    private const string Aggregate = """
        <feedback><report_metadata><org_name>Receiver</org_name><report_id>42</report_id><date_range><begin>1777500000</begin><end>1777586399</end></date_range></report_metadata>
        <policy_published><domain>example.com</domain><p>none</p></policy_published>
        <record><row><source_ip>192.0.2.1</source_ip><count>7</count><policy_evaluated><disposition>none</disposition><dkim>pass</dkim><spf>fail</spf></policy_evaluated></row>
        <identifiers><header_from>example.com</header_from></identifiers><auth_results><dkim><domain>example.com</domain><selector>s1</selector><result>pass</result></dkim><spf><domain>lists.test</domain><result>pass</result></spf></auth_results></record>
        <record><row><source_ip>203.0.113.5</source_ip><count>2</count><policy_evaluated><disposition>none</disposition><dkim>fail</dkim><spf>fail</spf></policy_evaluated></row>
        <identifiers><header_from>example.com</header_from></identifiers></record></feedback>
        """;

    private const string Tls = """
        {"organization-name":"Receiver","date-range":{"start-datetime":"2026-04-30T00:00:00Z","end-datetime":"2026-04-30T23:59:59Z"},"report-id":"t1",
        "policies":[{"policy":{"policy-type":"sts","policy-domain":"example.com"},"summary":{"total-successful-session-count":5,"total-failure-session-count":2},
        "failure-details":[{"result-type":"certificate-expired","receiving-mx-hostname":"mx.example.com","failed-session-count":2}]}]}
        """;

    [Fact]
    public async Task AnAggregateReportIsKeptAndItsMailDeliveredAllTheSame()
    {
        await using var queue = await OpenAsync();
        var (intake, reports) = Intake(queue);
        await AcceptAsync(queue, intake, "postmaster@example.com", Letter("application/gzip", "receiver.test!example.com!1777500000!1777586399.xml.gz", Gzip(Aggregate)));

        var report = Assert.Single(await ListAsync(reports));
        Assert.Equal((ReportKind.Dmarc, "example.com", "Receiver", "42", "receiver.test", true, "none", 7L, 2L),
            (report.Kind, report.Domain.Ascii, report.Organisation, report.ReportId, report.Sender, report.Authenticated, report.Policy, report.Passed, report.Failed));
        var (_, rows) = (await reports.FindAsync(report.Id, default))!.Value;
        Assert.Equal([("192.0.2.1", 7L, true, "example.com/s1=pass", "lists.test=pass"), ("203.0.113.5", 2L, false, "", "")],
            rows.Select(row => (row.Source, row.Messages, row.Passes, row.Dkim, row.Spf)));
        Assert.Single(await queue.InboxAsync());
    }

    [Fact]
    public async Task AReportThatComesTwiceCountsOnce()
    {
        await using var queue = await OpenAsync();
        var (intake, reports) = Intake(queue);
        for (var i = 0; i < 2; i++) await AcceptAsync(queue, intake, "postmaster@example.com", Letter("text/xml", "a.xml", Encoding.UTF8.GetBytes(Aggregate)));
        Assert.Single(await ListAsync(reports));
        Assert.Equal(2, (await queue.InboxAsync()).Count);
    }

    [Fact]
    public async Task WhatProvesNothingIsKeptAsSuch()
    {
        await using var queue = await OpenAsync();
        var (intake, reports) = Intake(queue);
        await AcceptAsync(queue, intake, "postmaster@example.com", Letter("text/xml", "a.xml", Encoding.UTF8.GetBytes(Aggregate)), DmarcKind.Fail);
        Assert.False(Assert.Single(await ListAsync(reports)).Authenticated);
    }

    [Theory]
    [InlineData("alice@example.com", "example.com")]
    [InlineData("postmaster@example.com", "example.net")]
    public async Task ReportsElsewhereAndAboutOthersAreOnlyMail(string recipient, string domain)
    {
        await using var queue = await OpenAsync();
        var (intake, reports) = Intake(queue);
        await AcceptAsync(queue, intake, recipient, Letter("text/xml", "a.xml", Encoding.UTF8.GetBytes(Aggregate.Replace("<domain>example.com</domain><p>", $"<domain>{domain}</domain><p>", StringComparison.Ordinal))));
        Assert.Empty(await ListAsync(reports));
        Assert.Single(await queue.InboxAsync());
    }

    [Fact]
    public async Task TlsReportsAndFeedbackAreKept()
    {
        await using var queue = await OpenAsync();
        var (intake, reports) = Intake(queue);
        await AcceptAsync(queue, intake, "postmaster@example.com", Letter("application/tlsrpt+gzip", "a.json.gz", Gzip(Tls)));
        await AcceptAsync(queue, intake, "postmaster@example.com",
            "From: fbl@receiver.test\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n--b\r\n\r\nA report\r\n--b\r\nContent-Type: message/feedback-report\r\n\r\n"
            + "Feedback-Type: abuse\r\nVersion: 1\r\nUser-Agent: x/1\r\nSource-IP: 192.0.2.7\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: a@example.com\r\nMessage-ID: <1@example.com>\r\n\r\nHello\r\n--b--\r\n");
        var kept = await ListAsync(reports);
        var tls = kept.Single(report => report.Kind == ReportKind.Tls);
        Assert.Equal((5L, 2L, "sts"), (tls.Passed, tls.Failed, tls.Policy));
        var (_, rows) = (await reports.FindAsync(tls.Id, default))!.Value;
        Assert.Equal(("mx.example.com", "certificate-expired", 2L), (Assert.Single(rows).Source, rows[0].Reason, rows[0].Messages));
        Assert.Equal(("abuse", "example.com"), (kept.Single(report => report.Kind == ReportKind.Feedback).Policy, kept.Single(report => report.Kind == ReportKind.Feedback).Domain.Ascii));
    }

    [Fact]
    public async Task OldReportsAreForgottenWithTheirRows()
    {
        await using var queue = await OpenAsync();
        var (intake, reports) = Intake(queue);
        await AcceptAsync(queue, intake, "postmaster@example.com", Letter("text/xml", "a.xml", Encoding.UTF8.GetBytes(Aggregate)));
        Assert.Equal(0, await reports.ForgetAsync(default));
        queue.Time.Advance(TimeSpan.FromDays(401));
        Assert.Equal(1, await reports.ForgetAsync(default));
        Assert.Empty(await ListAsync(reports));
        Assert.Equal(0, await queue.Database.ReadAsync(sql => sql.First($"select count(*) from report_rows", row => row.GetInt32(0)), default));
    }

    private static async Task<TestQueue> OpenAsync()
    {
        var queue = await TestQueue.OpenAsync(25);
        await queue.Directory.AddAliasAsync("postmaster@example.com", TestQueue.Alice, default);
        return queue;
    }

    private static (MessageIntake Intake, ReceivedReports Reports) Intake(TestQueue queue)
    {
        var reports = new ReceivedReports(queue.Database, new ReportOptions(), queue.Time, NullLogger<ReceivedReports>.Instance);
        var intake = new MessageIntake(
            queue.Database, queue.Directory, queue.Mail, new JudgePanel(new FilterOptions(), [], null, queue.Time), new SendingLimits(queue.Database, new SendingLimitOptions(), queue.Time),
            (_, _, _) => ValueTask.FromResult(ReadOnlyMemory<byte>.Empty), queue.Signal, queue.Options, queue.Time, NullLogger<MessageIntake>.Instance)
        { Reports = reports };
        return (intake, reports);
    }

    private static async Task AcceptAsync(TestQueue queue, MessageIntake intake, string recipient, string letter, DmarcKind dmarc = DmarcKind.Pass)
    {
        var reporter = DomainName.Parse("receiver.test");
        var outcome = new AuthenticationOutcome(new SpfResult(SpfKind.Pass, SpfIdentity.MailFrom, reporter), [], new DmarcResult(dmarc, reporter, ""), IPAddress.Parse("192.0.2.25"), "pass");
        var judgement = new Judgement { Verdict = new Verdict(Disposition.Accept, 0, [], "", "r"), AuthenticationResults = outcome.ToHeaderValue(), Authentication = outcome };
        var session = new SessionFacts(IPAddress.Parse("192.0.2.25"), "mx.receiver.test", "ESMTPS", "TLSv1.3", "x", null, queue.Time.GetUtcNow(), "s1");
        var envelope = new Envelope(EmailAddress.Parse("noreply@receiver.test"), [new EnvelopeRecipient(EmailAddress.Parse(recipient))]);
        var result = await intake.AcceptAsync(new IncomingMessage(session, envelope, ReadOnlyMemory<byte>.Empty, Encoding.UTF8.GetBytes(letter), judgement, null), default);
        Assert.True(result.Accepted, result.Text);
    }

    private static async Task<IReadOnlyList<ReceivedReport>> ListAsync(ReceivedReports reports) => await reports.ListAsync(null, DateTimeOffset.UnixEpoch, default);

    private static string Letter(string type, string name, byte[] document) =>
        $"From: noreply@receiver.test\r\nSubject: Report Domain: example.com\r\nMIME-Version: 1.0\r\nContent-Type: {type}\r\nContent-Disposition: attachment; filename=\"{name}\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{Convert.ToBase64String(document)}\r\n";

    private static byte[] Gzip(string text)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal)) gzip.Write(Encoding.UTF8.GetBytes(text));
        return packed.ToArray();
    }
}
