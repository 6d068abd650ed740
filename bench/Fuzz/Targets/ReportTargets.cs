using System.IO.Compression;
using System.Text;
using Sternpost.Fuzz.Engine;
using Sternpost.Reports;
using Sternpost.Reports.Reading;

namespace Sternpost.Fuzz.Targets;

/// <summary>Reports that strangers send us.</summary>
internal static class ReportTargets
{
    private const string Aggregate = """
        <?xml version="1.0" encoding="UTF-8"?>
        <feedback xmlns="urn:ietf:params:xml:ns:dmarc-2.0"><version>1.0</version><report_metadata><org_name>Example</org_name><email>r@example.net</email><report_id>1</report_id>
        <date_range><begin>1767225600</begin><end>1767311999</end></date_range></report_metadata><policy_published><domain>example.org</domain><p>none</p><sp>none</sp><np>reject</np><adkim>r</adkim><aspf>r</aspf><testing>n</testing></policy_published>
        <record><row><source_ip>192.0.2.1</source_ip><count>3</count><policy_evaluated><disposition>none</disposition><dkim>pass</dkim><spf>fail</spf><reason><type>local_policy</type><comment>arc=pass</comment></reason></policy_evaluated></row>
        <identifiers><header_from>example.org</header_from><envelope_from>example.org</envelope_from></identifiers><auth_results><dkim><domain>example.org</domain><selector>s</selector><result>pass</result></dkim><spf><domain>example.org</domain><result>softfail</result></spf></auth_results></record></feedback>
        """;

    private const string Tls = """
        {"organization-name":"Example","date-range":{"start-datetime":"2026-01-01T00:00:00Z","end-datetime":"2026-01-01T23:59:59Z"},"contact-info":"r@example.net","report-id":"1",
        "policies":[{"policy":{"policy-type":"sts","policy-string":["version: STSv1","mode: testing"],"policy-domain":"example.org","mx-host":["*.example.org"]},"summary":{"total-successful-session-count":5,"total-failure-session-count":1},
        "failure-details":[{"result-type":"certificate-expired","sending-mta-ip":"192.0.2.1","receiving-ip":"2001:db8::1","receiving-mx-hostname":"mx.example.org","receiving-mx-helo":"mx","failed-session-count":1,"additional-information":"https://example.net","failure-reason-code":"X"}]}]}
        """;

    private const string Feedback = "From: fbl@example.net\r\nTo: abuse@example.org\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nThis is a report.\r\n--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nUser-Agent: X/1\r\nVersion: 1\r\nOriginal-Mail-From: <ann@example.org>\r\nSource-IP: 192.0.2.1\r\nArrival-Date: Fri, 2 Jan 2026 03:04:05 +0000\r\nReported-Domain: example.org\r\nIncidents: 3\r\nAuth-Failure: dmarc\r\nIdentity-Alignment: none\r\nDKIM-Domain: example.org\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: ann@example.org\r\nSubject: x\r\nMessage-ID: <1@example.org>\r\n\r\nbody\r\n--b--\r\n";

    // Time and memory of what is unpacked are bounded by the same numbers as in the server, made smaller so that a fuzz run meets them.
    private static readonly ReportBudget Budget = new() { PackedOctets = 256 * 1024, Octets = 2 * 1024 * 1024, Rows = 2000 };
    private static readonly ReportReader Reader = new(TimeProvider.System, Budget);

    internal static IReadOnlyList<FuzzTarget> List { get; } =
    [
        new("report-aggregate", "DMARC aggregate reports (XML)", input => Check(Reader.ReadFile(input)))
        {
            Seeds = [Aggregate, Aggregate.Replace(" xmlns=\"urn:ietf:params:xml:ns:dmarc-2.0\"", "", StringComparison.Ordinal)],
            Suites = ["reports/parsedmarc/aggregate", "reports/parsedmarc/aggregate_invalid"],
            Words = ["<record>", "</record>", "<row>", "<count>", "<!DOCTYPE feedback [<!ENTITY a \"b\">]>", "&a;", "&#0;", "&#x10FFFF;", "&lt;", "<![CDATA[", "]]>", "<!--", "-->", "<?xml", "encoding=\"utf-16\"", "xmlns:x=\"y\"", "<x:feedback>", "</feedback>", "<dkim>", "<reason>"],
            MaxLength = 128 * 1024,
            Time = TimeSpan.FromMilliseconds(250),
            Allocation = 64 * 1024 * 1024,
        },
        new("report-tls", "TLS reports (JSON)", input => Check(Reader.ReadFile(input)))
        {
            Seeds = [Tls],
            Suites = ["reports/parsedmarc/smtp_tls"],
            Words = ["\"policies\":", "\"policy\":", "\"summary\":", "\"failure-details\":", "{", "}", "[", "]", ":", ",", "null", "true", "1e400", "-1", "\\u0000", "\\ud800", "\"", "sts", "tlsa", "no-policy-found"],
            MaxLength = 128 * 1024,
            Time = TimeSpan.FromMilliseconds(250),
            Allocation = 64 * 1024 * 1024,
        },
        new("report-packed", "gzip and zip around reports, and messages that carry them", input => Check([.. Reader.ReadFile(input), .. Reader.ReadMessage(input)]))
        {
            MoreSeeds = () => [Gzip(Aggregate), Zip(("a.xml", Aggregate)), Zip(("a.xml", Aggregate), ("b.json", Tls), ("c/d.txt", "x")), Gzip(new string(' ', 1_000_000) + Aggregate), Gzip(Tls), Mail(Gzip(Aggregate)), Mail(Zip(("a.xml", Aggregate)))],
            Suites = ["reports/parsedmarc/aggregate", "reports/parsedmarc/extract_report", "reports/mail-dmarc/fixtures"],
            Words = ["PK\x03\x04", "PK\x01\x02", "PK\x05\x06", "PK\x06\x06", "\x1F\x8B\x08", "application/gzip", "application/zip", "base64", "quoted-printable", "--b", "--b--"],
            MaxLength = 128 * 1024,
            Time = TimeSpan.FromMilliseconds(400),
            Allocation = 96 * 1024 * 1024,
        },
        new("report-feedback", "feedback reports (ARF) in their messages", input => Check(Reader.ReadMessage(input)))
        {
            Seeds = [Feedback],
            Suites = ["reports/parsedmarc/failure"],
            Words = ["Feedback-Type: ", "Auth-Failure: ", "Source-IP: ", "Arrival-Date: ", "Original-Mail-From: ", "Original-Rcpt-To: ", "Reported-Domain: ", "Incidents: ", "message/feedback-report", "message/rfc822", "text/rfc822-headers", "\r\n", "--b", "\r\n ", "=?utf-8?q?x?=", "base64"],
            MaxLength = 128 * 1024,
            Time = TimeSpan.FromMilliseconds(250),
            Allocation = 64 * 1024 * 1024,
        },
    ];

    private static void Check(IReadOnlyList<ReportReading> readings)
    {
        foreach (var reading in readings) Given.Law(reading.Report is not null || reading.Refusal is { Length: > 0 }, "a report that is refused has a reason");
    }

    private static byte[] Gzip(string text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(Encoding.UTF8.GetBytes(text));
        return packed.ToArray();
    }

    private static byte[] Zip(params (string Name, string Text)[] members)
    {
        using var packed = new MemoryStream();
        using (var zip = new ZipArchive(packed, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, text) in members)
            {
                using var entry = zip.CreateEntry(name).Open();
                entry.Write(Encoding.UTF8.GetBytes(text));
            }
        }
        return packed.ToArray();
    }

    private static byte[] Mail(byte[] attachment) => Encoding.ASCII.GetBytes(
        "From: r@example.net\r\nSubject: Report Domain: example.org\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: application/gzip; name=\"a.xml.gz\"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"a.xml.gz\"\r\n\r\n"
        + Convert.ToBase64String(attachment, Base64FormattingOptions.InsertLineBreaks) + "\r\n--b--\r\n");
}
