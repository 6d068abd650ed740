using Sternpost.Reports;
using Sternpost.Reports.Aggregate;
using Sternpost.Reports.Feedback;
using Sternpost.Reports.Reading;
using Sternpost.Reports.Tls;
using Sternpost.Unit.MailAuth;

namespace Sternpost.Unit.Reports;

/// <summary>Real reports that others collected: each by name with what must come of it.</summary>
public sealed class SampleReportsTests
{
    private const string Parsedmarc = "parsedmarc/";

    // What each sample is: rows, sessions or the kind of feedback for one that is read, the reason for one that is refused.
    private static readonly Dictionary<string, string> Expected = new(StringComparer.Ordinal)
    {
        [Parsedmarc + "aggregate/!example.com!1538204542!1538463818.xml"] = "aggregate of '' on example.com, 1 row, 1 message",
        [Parsedmarc + "aggregate/!large-example.com!1711897200!1711983600.xml"] = "aggregate of '' on example.com, 2286 rows, 2286 messages",
        [Parsedmarc + "aggregate/Report domain- borschow.com Submitter- google.com Report-ID- 949348866075514174.eml"] = "aggregate of 'google.com' on borschow.com, 1 row, 1 message",
        [Parsedmarc + "aggregate/addisonfoods.com!example.com!1536105600!1536191999.xml"] = "aggregate of 'addisonfoods.com' on example.com, 1 row, 1 message",
        [Parsedmarc + "aggregate/empty_reason.xml"] = "aggregate of 'example.org' on example.com, 1 row, 2 messages",
        [Parsedmarc + "aggregate/estadocuenta1.infonacot.gob.mx!example.com!1536853302!1536939702!2940.xml.zip"] = "aggregate of 'XYZ Corporation' on example.com, 1 row, 1 message",
        [Parsedmarc + "aggregate/example.net!example.com!1529366400!1529452799.xml"] = "aggregate of 'example.net' on example.com, 1 row, 1 message",
        [Parsedmarc + "aggregate/fastmail.com!example.com!1516060800!1516147199!102675056.xml.gz"] = "aggregate of 'FastMail Pty Ltd' on indemed.com, 1 row, 1 message",
        [Parsedmarc + "aggregate/ikea.com!example.de!1538690400!1538776800.xml"] = "aggregate of 'ikea.com' on example.de, 1 row, 1 message",
        [Parsedmarc + "aggregate/invalid_utf_8.xml"] = "refused: its XML is broken in line 31",
        [Parsedmarc + "aggregate/invalid_xml.xml"] = "refused: its XML is broken in line 5",
        [Parsedmarc + "aggregate/mimecast-weird-gzip.eml"] = "aggregate of 'Mimecast' on ab.id.au, 1 row, 1 message",
        [Parsedmarc + "aggregate/old_draft_from_wiki.xml"] = "aggregate of 'acme.com' on example.com, 1 row, 2 messages",
        [Parsedmarc + "aggregate/protection.outlook.com!example.com!1711756800!1711843200.xml"] = "aggregate of 'Outlook.com' on example.com, 1 row, 1 message",
        [Parsedmarc + "aggregate/rfc9990-example.net!example.com!1700000000!1700086399.xml"] = "aggregate of 'example.net' on example.com, 2 rows, 7 messages",
        [Parsedmarc + "aggregate/rfc9990-sample.xml"] = "aggregate of 'Sample Reporter' on example.com, 1 row, 123 messages",
        [Parsedmarc + "aggregate/twilight.eml"] = "aggregate of 'google.com' on twlnet.com, 1 row, 1 message",
        [Parsedmarc + "aggregate/usssa.com!example.com!1538784000!1538870399.xml"] = "aggregate of 'usssa.com' on example.com, 2 rows, 2 messages",
        [Parsedmarc + "aggregate/veeam.com!example.com!1530133200!1530219600.xml"] = "aggregate of 'veeam.com' on example.com, 1 row, 1 message",
        [Parsedmarc + "aggregate_invalid/report_with_upper_cased_pass.xml"] = "aggregate of 'example.com' on example.com, 1 row, 1 message",
        [Parsedmarc + "empty.xml"] = "refused: it is no report",
        [Parsedmarc + "extract_report/changed-input.xml"] = "aggregate of 'fred.com' on example.com, 20 rows, 3047 messages",
        [Parsedmarc + "extract_report/nice-input.xml"] = "aggregate of 'google.com' on example.com, 20 rows, 3047 messages",
        [Parsedmarc + "extract_report/nice-input.xml.gz"] = "aggregate of 'google.com' on example.com, 20 rows, 3047 messages",
        [Parsedmarc + "extract_report/nice-input.xml.zip"] = "aggregate of 'google.com' on example.com, 20 rows, 3047 messages",
        [Parsedmarc + "failure/DMARC Failure Report for domain.de (mail-from=sharepoint@domain.de, ip=10.10.10.10).eml"] = "feedback 'auth-failure' (dmarc) from 10.10.10.10 on domain.de: sharepoint@domain.de",
        [Parsedmarc + "failure/[Netease DMARC Failure Report] Rent Reminder.eml"] = "feedback 'auth-failure' () from 167.89.69.24 on cardinal.com: info@cardinal.com",
        [Parsedmarc + "failure/dmarc_ruf_report_linkedin.crlf.eml"] = "feedback 'auth-failure' (dmarc) from 10.10.10.10 on example.com: sender@example.com",
        [Parsedmarc + "failure/dmarc_ruf_report_linkedin.eml"] = "feedback 'auth-failure' (dmarc) from 10.10.10.10 on example.com: sender@example.com",
        [Parsedmarc + "failure/exim_plain_text_only_no_arf_part.eml"] = "refused: the message says that it is a report, but is written for people only",
        [Parsedmarc + "smtp_tls/google.com_smtp_tls_report.eml"] = "TLS report of 'Google Inc.' on cardinalhealth.ca (no-policy-found 48/0, 0 failures)",
        [Parsedmarc + "smtp_tls/mail.ru.json"] = "TLS report of 'Mail.ru' on example.com (sts 0/1, 2 failures)",
        [Parsedmarc + "smtp_tls/rfc8460.json"] = "TLS report of 'Company-X' on company-y.example (sts 5326/303, 3 failures)",
        [Parsedmarc + "smtp_tls/smtp_tls.json"] = "TLS report of 'Example Inc.' on example.com (sts 0/3, 2 failures)",
        ["mail-dmarc/fixtures/test_dmarc.xml"] = "aggregate of 'Test Sender' on example.com, 1 row, 1 message",
        ["mail-dmarc/fixtures/test_dmarc.xml.gz"] = "aggregate of 'Test Sender' on example.com, 1 row, 1 message",
        ["mail-dmarc/fixtures/test_dmarc.xml.zip"] = "aggregate of 'Test Sender' on example.com, 1 row, 1 message",
    };

    public static TheoryData<string> Samples => [.. Expected.Keys];

    [Theory]
    [MemberData(nameof(Samples))]
    public void EachSampleIsReadOrRefusedWithItsReason(string name)
    {
        var file = File.ReadAllBytes(Path.Combine(Suites.Require("reports"), name));
        var readings = new ReportReader(TimeProvider.System).ReadFile(file);
        Assert.Equal(Expected[name], string.Join("; ", readings.Select(Describe)));
    }

    [Fact]
    public void NoSampleIsLeftOut()
    {
        var root = Suites.Require("reports");
        var there = Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(root, path))
            .Where(path => Path.GetFileName(path) is not ("SOURCE.txt" or "rua-schema.xsd"));
        Assert.Equal(there.Order(StringComparer.Ordinal), Expected.Keys.Order(StringComparer.Ordinal));
    }

    internal static string Describe(ReportReading reading) => reading.Report switch
    {
        AggregateReport report => $"aggregate of '{report.Organisation}' on {report.Policy.Domain}, {Count(report.Rows.Count, "row")}, {Count(report.Rows.Sum(row => row.Count), "message")}",
        TlsReport report => $"TLS report of '{report.Organisation}' on {string.Join(", ", report.Policies.Select(policy => $"{policy.Domain} ({policy.Type} {policy.Successful}/{policy.Failed}, {Count(policy.Failures.Count, "failure")})"))}",
        FeedbackReport report => $"feedback '{report.Type}' ({report.AuthFailure}) from {report.Source} on {string.Join(", ", report.ReportedDomains)}: {report.Author}",
        _ => "refused: " + reading.Refusal,
    };

    private static string Count(long number, string what) => $"{number} {what}{(number == 1 ? "" : "s")}";
}
