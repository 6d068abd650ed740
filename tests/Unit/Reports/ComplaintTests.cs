using System.Text;
using Sternpost.Dns;
using Sternpost.Reports.Complaints;

namespace Sternpost.Unit.Reports;

/// <summary>Complaints as feedback loops, network operators and people write them.</summary>
public class ComplaintTests
{
    private static readonly ComplaintReader Reader = new(TimeProvider.System, DomainName.Parse("mail.company.example"));

    // RFC 5965 Appendix B.2 in form; the Message-ID and the recipient are left out, as large feedback loops do.
    private const string Redacted = """
        From: feedback@loop.example
        To: abuse@company.example
        Subject: complaint
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=feedback-report; boundary="b"

        --b
        Content-Type: text/plain

        This is an email abuse report.
        --b
        Content-Type: message/feedback-report

        Feedback-Type: abuse
        User-Agent: Loop/1
        Version: 1
        Original-Mail-From: <clerk@company.example>
        Arrival-Date: Mon, 02 Mar 2026 09:00:00 +0000

        --b
        Content-Type: message/rfc822

        Received: from client.example (client.example [192.0.2.7])
         by mail.company.example with ESMTPSA (TLSv1.3) id 2z34ym9n.1;
         Mon, 02 Mar 2026 08:59:58 +0000
        From: clerk@company.example
        Subject: Buy now

        text
        --b--

        """;

    private const string Xarf = """
        From: noc@network.example
        To: abuse@company.example
        Subject: abuse report about 203.0.113.7
        X-XARF: PLAIN
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary="b"

        --b
        Content-Type: text/plain; charset=utf-8

        Dear colleague, see the attachment.
        --b
        Content-Type: text/plain; charset=utf-8; name="report.txt"

        Reported-From: noc@network.example
        Category: abuse
        Report-Type: spam
        Source: 203.0.113.7
        --b
        Content-Type: text/rfc822-headers

        Message-ID: <42@company.example>
        Subject: Win a prize
        --b--

        """;

    [Fact]
    public void Redacted_feedback_is_found_by_our_own_Received_line()
    {
        var complaint = Read(Redacted);
        Assert.Equal((ComplaintKind.Arf, "abuse", "clerk@company.example", "Buy now"), (complaint.Kind, complaint.Category, complaint.Sender, complaint.Subject));
        Assert.Contains("2z34ym9n.1", complaint.Clues);
        Assert.NotNull(complaint.Arrived);
    }

    [Fact]
    public void Xarf_names_its_kind_and_its_evidence()
    {
        var complaint = Read(Xarf);
        Assert.Equal((ComplaintKind.Xarf, "spam", "42@company.example"), (complaint.Kind, complaint.Category, complaint.MessageId));
        Assert.Contains("42@company.example", complaint.Clues);
        Assert.Contains("Dear colleague", complaint.Excerpt);
    }

    [Fact]
    public void People_quote_whatever_they_have()
    {
        var complaint = Read("From: a@outside.example\nTo: abuse@company.example\nSubject: stop\n\nYour user sent me this:\n> Message-ID: <99@company.example>\n> queue id 39z2dsdxmw00, thank you\n");
        Assert.Equal(ComplaintKind.Text, complaint.Kind);
        Assert.Contains("99@company.example", complaint.Clues);
        Assert.Contains("39z2dsdxmw00", complaint.Clues);
    }

    [Fact]
    public void A_line_that_only_looks_like_ours_is_no_clue() =>
        Assert.DoesNotContain("2z34ym9n.1", Read(Redacted.Replace("by mail.company.example", "by mail.other.example", StringComparison.Ordinal)).Clues);

    [Fact]
    public void Hostile_complaints_cost_little_and_never_throw()
    {
        var random = new Random(20261126);
        foreach (var sample in new[] { Redacted, Xarf })
        {
            var whole = Encoding.UTF8.GetBytes(sample.ReplaceLineEndings("\r\n"));
            for (var round = 0; round < 500; round++)
            {
                var bent = whole.ToArray();
                for (var i = random.Next(1, 30); i > 0; i--) bent[random.Next(bent.Length)] = (byte)random.Next(256);
                var complaint = Reader.Read(bent.AsMemory(0, random.Next(bent.Length)));
                Assert.True(complaint.Clues.Count <= 60 && complaint.Excerpt.Length <= 2000);
            }
        }
        var flood = "From: a@b.example\r\n\r\n" + string.Concat(Enumerable.Range(0, 50_000).Select(i => $"by mail.company.example id a{i} <{i}@x.example>\r\n"));
        Assert.Equal(60, Reader.Read(Encoding.UTF8.GetBytes(flood)).Clues.Count);
    }

    private static Complaint Read(string message) => Reader.Read(Encoding.UTF8.GetBytes(message.ReplaceLineEndings("\r\n")));
}
