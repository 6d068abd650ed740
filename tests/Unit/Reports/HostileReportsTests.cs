using System.IO.Compression;
using System.Text;
using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Sternpost.Reports;
using Sternpost.Reports.Aggregate;
using Sternpost.Reports.Reading;
using Sternpost.Reports.Tls;

namespace Sternpost.Unit.Reports;

/// <summary>What strangers may put into a report, and what it may cost.</summary>
public sealed class HostileReportsTests
{
    private const string Row = "<record><row><source_ip>192.0.2.1</source_ip><count>3</count><policy_evaluated><disposition>none</disposition><dkim>pass</dkim><spf>fail</spf></policy_evaluated></row><identifiers><header_from>example.com</header_from></identifiers></record>";
    private const string Head = "<feedback><report_metadata><org_name>o</org_name><report_id>1</report_id><date_range><begin>1700000000</begin><end>1700086399</end></date_range></report_metadata><policy_published><domain>example.com</domain><p>none</p></policy_published>";
    private const string Sound = Head + Row + "</feedback>";
    private const string SoundTls = """{"organization-name":"o","date-range":{"start-datetime":"2024-02-22T00:00:00Z","end-datetime":"2024-02-23T00:00:00Z"},"report-id":"1","policies":[{"policy":{"policy-type":"sts","policy-domain":"example.com"},"summary":{"total-successful-session-count":1,"total-failure-session-count":0}}]}""";

    private static readonly ReportReader Reader = new(TimeProvider.System);

    [Fact]
    public void ASoundReportIsRead()
    {
        var report = Assert.IsType<AggregateReport>(One(Sound).Report);
        Assert.Equal(3, Assert.Single(report.Rows).Count);
        Assert.IsType<TlsReport>(One(SoundTls).Report);
    }

    [Theory]
    [InlineData("<!DOCTYPE feedback [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]><feedback><report_metadata>&b;</report_metadata></feedback>")]
    [InlineData("<!DOCTYPE feedback SYSTEM \"file:///etc/passwd\"><feedback/>")]
    public void DocumentTypesAndEntitiesAreRefused(string document) => Assert.Contains("XML is broken", One(document).Refusal!, StringComparison.Ordinal);

    [Fact]
    public void DeepElementsAreRefused()
    {
        var deep = string.Concat(Enumerable.Repeat("<a>", 500_000));
        Assert.Contains("too deep", One(Sound.Replace("<record>", deep + "<record>", StringComparison.Ordinal)).Refusal!, StringComparison.Ordinal);
        Assert.Contains("too deep", One(Sound.Replace("example.com", "example.com" + deep, StringComparison.Ordinal)).Refusal!, StringComparison.Ordinal);
    }

    [Fact]
    public void AnElementOfManyAttributesIsRefused()
    {
        var attributes = string.Concat(Enumerable.Range(0, 100_000).Select(number => $" a{number}=''"));
        Assert.Contains("too long", One(Sound.Replace("<row>", "<row" + attributes + ">", StringComparison.Ordinal)).Refusal!, StringComparison.Ordinal);
    }

    [Fact]
    public void TooManyRowsAreRefused()
    {
        var reader = new ReportReader(TimeProvider.System, new ReportBudget { Rows = 10 });
        var document = Head + string.Concat(Enumerable.Repeat(Row, 11)) + "</feedback>";
        Assert.Contains("more than 10 rows", Assert.Single(reader.ReadFile(Encoding.UTF8.GetBytes(document))).Refusal!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(20, "far more than it is", 16)]
    [InlineData(200, "more than 33554432 octets", 200)]
    public void ABombIsClosedAgain(int megabytes, string reason, int allocated)
    {
        var packed = Gzip(new byte[megabytes * 1024 * 1024]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("unpacks to " + reason, One(packed).Refusal!, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, allocated * 1024L * 1024);
    }

    [Fact]
    public void ABombInAnArchiveIsClosedAgain()
    {
        var packed = new MemoryStream();
        using (var archive = new ZipArchive(packed, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var member = archive.CreateEntry("a.xml").Open();
            member.Write(new byte[200 * 1024 * 1024]);
        }
        // A clock that stands still, because here the size is what ends it.
        Assert.Contains("unpacks to", Assert.Single(new ReportReader(new FakeTimeProvider()).ReadFile(packed.ToArray())).Refusal!, StringComparison.Ordinal);
    }

    [Fact]
    public void AnArchiveOfManyMembersIsRefused()
    {
        var packed = new MemoryStream();
        using (var archive = new ZipArchive(packed, ZipArchiveMode.Create, leaveOpen: true))
        {
            for (var i = 0; i < 1000; i++) archive.CreateEntry(i + ".xml").Open().Dispose();
        }
        Assert.Contains("too many members", One(packed.ToArray()).Refusal!, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatIsPackedInWhatIsPackedStaysClosed() =>
        Assert.Equal("the attachment says that it is a report, but holds none", One(Gzip(Gzip(Encoding.UTF8.GetBytes(Sound)))).Refusal);

    [Fact]
    public void TimeIsLimited()
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider { AutoAdvanceAmount = TimeSpan.FromSeconds(1) };
        var document = Head + string.Concat(Enumerable.Repeat(Row, 1000)) + "</feedback>";
        Assert.Equal("reading it took too long", Assert.Single(new ReportReader(clock).ReadFile(Encoding.UTF8.GetBytes(document))).Refusal);
    }

    [Fact]
    public void AllAttachmentsOfAMessageShareOneTime()
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider { AutoAdvanceAmount = TimeSpan.FromSeconds(2) };
        var part = "--b\r\nContent-Type: application/gzip; name=\"a!b!1!2.xml.gz\"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + Convert.ToBase64String(Gzip(Encoding.UTF8.GetBytes(Sound))) + "\r\n";
        var message = "From: a@example.com\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + string.Concat(Enumerable.Repeat(part, 5)) + "--b--\r\n";
        var readings = new ReportReader(clock).ReadMessage(Encoding.ASCII.GetBytes(message));
        Assert.NotNull(readings[0].Report);
        Assert.Equal("reading it took too long", readings[^1].Refusal);
    }

    [Fact]
    public void DeepJsonIsRefused() =>
        Assert.Contains("JSON is broken", One("{\"date-range\":0,\"policies\":" + new string('[', 100_000)).Refusal!, StringComparison.Ordinal);

    [Theory]
    [InlineData("<begin>1700000000</begin>", "<begin>99999999999999999999</begin>", "time")]
    [InlineData("<end>1700086399</end>", "<end>1</end>", "time")]
    [InlineData("<domain>example.com</domain>", "<domain>exa mple</domain>", "domain")]
    [InlineData("<count>3</count>", "<count>-3</count>", "no row")]
    [InlineData("<source_ip>192.0.2.1</source_ip>", "<source_ip>here</source_ip>", "no row")]
    public void WhatMakesNoSenseIsRefused(string sound, string unsound, string reason) =>
        Assert.Contains(reason, One(Sound.Replace(sound, unsound, StringComparison.Ordinal)).Refusal!, StringComparison.Ordinal);

    [Fact]
    public void LettersWithAttachmentsAreNoReports()
    {
        var archive = new MemoryStream();
        using (var zip = new ZipArchive(archive, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var member = zip.CreateEntry("holiday.txt").Open();
            member.Write("Greetings"u8);
        }
        var letter = "From: a@example.com\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHello\r\n--b\r\nContent-Type: application/zip; name=holiday.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            + Convert.ToBase64String(archive.ToArray()) + "\r\n--b--\r\n";
        Assert.Empty(Reader.ReadMessage(Encoding.ASCII.GetBytes(letter)));
    }

    [Fact]
    public void AnythingIsReadOrRefusedAndNothingIsThrown()
    {
        var seeds = new[] { Encoding.UTF8.GetBytes(Sound), Encoding.UTF8.GetBytes(SoundTls), Gzip(Encoding.UTF8.GetBytes(Sound)), Feedback };
        var changed = Gen.Select(Gen.Int[0, seeds.Length - 1], Gen.Select(Gen.Int[0, 2000], Gen.Byte).Array[0, 8], Gen.Int[0, 3000]);
        changed.Sample((seed, changes, cut) =>
        {
            var octets = seeds[seed].ToArray();
            foreach (var (at, value) in changes) octets[at % octets.Length] = value;
            if (cut < octets.Length) octets = octets[..cut];
            foreach (var reading in Reader.ReadFile(octets)) Assert.True(reading.Report is null != reading.Refusal is null);
        }, iter: 3000);
        Gen.Byte.Array[0, 500].Sample(octets => Assert.All(Reader.ReadFile(octets), reading => Assert.True(reading.Report is null != reading.Refusal is null)));
    }

    private static byte[] Feedback => Encoding.ASCII.GetBytes(
        "From: fbl@example.net\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n--b\r\n\r\nA report\r\n--b\r\n"
        + "Content-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nVersion: 1\r\nUser-Agent: x/1\r\nSource-IP: 192.0.2.7\r\nOriginal-Mail-From: <a@example.com>\r\n\r\n--b\r\n"
        + "Content-Type: message/rfc822\r\n\r\nFrom: a@example.com\r\nSubject: s\r\nMessage-ID: <1@example.com>\r\n\r\nHello\r\n--b--\r\n");

    private static ReportReading One(string document) => One(Encoding.UTF8.GetBytes(document));

    private static ReportReading One(byte[] document) => Assert.Single(Reader.ReadFile(document));

    private static byte[] Gzip(byte[] content)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize)) gzip.Write(content);
        return packed.ToArray();
    }
}
