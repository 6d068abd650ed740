using System.IO.Compression;
using System.Text.Json;
using CsCheck;
using MimeKit;
using Sternpost.Dns;
using Sternpost.Queue;
using Sternpost.Queue.Signing;
using Sternpost.Queue.TlsReports;

namespace Sternpost.Unit.Queue.TransportSecurity;

/// <summary>The daily reports of what TLS came to (RFC 8460).</summary>
public sealed class TlsReportTests : IDisposable
{
    private readonly TestAuthority authority = new();

    public void Dispose() => authority.Dispose();

    [Fact]
    public async Task The_day_after_the_destination_is_told_what_was_counted()
    {
        await using var sink = new MailSink { Certificate = authority.Shown(authority.Leaf("mx.dest.test", expired: true)) };
        await using var web = new PolicyHost(authority, "dest.test") { Policy = "version: STSv1\nmode: testing\nmx: mx.dest.test\nmax_age: 604800\n" };
        await using var queue = await OpenAsync(sink.Port, web.Port);
        queue.Zone.Txt("_smtp._tls.dest.test", "v=TLSRPTv1; rua=mailto:tls@reports.test");
        await new DkimKeys(queue.Database, queue.Time).EnsureAsync(DomainName.Parse("example.com"), default);
        await queue.StartAsync();
        await queue.SubmitAsync("b@dest.test");
        await TestQueue.UntilAsync(() => sink.Messages.Count == 1, "delivery in spite of the certificate");
        sink.Certificate = authority.Shown(authority.Leaf("mx.dest.test"));
        await queue.EmptyAsync();
        await queue.SubmitAsync("c@dest.test");
        await TestQueue.UntilAsync(() => sink.Messages.Count == 2, "the second delivery");

        await queue.AdvanceUntilAsync(TimeSpan.FromMinutes(20), () => Task.FromResult(sink.Messages.Any(message => message.Recipients.Contains("tls@reports.test"))), "the report");
        Assert.True(queue.Time.GetUtcNow() >= new DateTimeOffset(2026, 5, 2, 0, 0, 0, TimeSpan.Zero));
        var sunk = sink.Messages.Single(message => message.Recipients.Contains("tls@reports.test"));
        Assert.Equal("", sunk.From);
        var mail = await MimeMessage.LoadAsync(new MemoryStream(System.Text.Encoding.Latin1.GetBytes(sunk.Data)), TestContext.Current.CancellationToken);
        Assert.Contains("d=example.com", mail.Headers[HeaderId.DkimSignature]);
        Assert.Equal("dest.test", mail.Headers["TLS-Report-Domain"]);
        Assert.Equal("No", mail.Headers["TLS-Required"]);
        var part = mail.BodyParts.OfType<MimePart>().Single(body => body.ContentType.MimeType == "application/tlsrpt+gzip");
        Assert.Equal("mail.example.com!dest.test!1777593600!1777679999.json.gz", part.FileName);

        using var document = await DocumentAsync(part);
        var report = document.RootElement;
        Assert.Equal("2026-05-01T00:00:00Z", report.GetProperty("date-range").GetProperty("start-datetime").GetString());
        var policy = report.GetProperty("policies").EnumerateArray().Single();
        Assert.Equal("sts", policy.GetProperty("policy").GetProperty("policy-type").GetString());
        Assert.Equal("mode: testing", policy.GetProperty("policy").GetProperty("policy-string")[1].GetString());
        Assert.Equal((1, 1), (policy.GetProperty("summary").GetProperty("total-successful-session-count").GetInt32(), policy.GetProperty("summary").GetProperty("total-failure-session-count").GetInt32()));
        var failure = policy.GetProperty("failure-details")[0];
        Assert.Equal(("certificate-expired", "mx.dest.test", 1), (failure.GetProperty("result-type").GetString(), failure.GetProperty("receiving-mx-hostname").GetString(), failure.GetProperty("failed-session-count").GetInt32()));

        // And as whoever receives such reports reads it.
        var read = Assert.IsType<Sternpost.Reports.Tls.TlsReport>(Assert.Single(new Sternpost.Reports.Reading.ReportReader(TimeProvider.System).ReadMessage(System.Text.Encoding.Latin1.GetBytes(sunk.Data))).Report);
        var part1 = Assert.Single(read.Policies);
        Assert.Equal(("sts", "dest.test", 1, 1, "certificate-expired"), (part1.Type, part1.Domain.Ascii, part1.Successful, part1.Failed, Assert.Single(part1.Failures).Type));
        Assert.Equal(System.Net.IPAddress.Loopback, part1.Failures[0].SendingAddress);

        // Once, and not again for its own delivery.
        await queue.EmptyAsync();
        var day = queue.Time.GetUtcNow().AddDays(2);
        await queue.AdvanceUntilAsync(TimeSpan.FromMinutes(30), () => Task.FromResult(queue.Time.GetUtcNow() > day), "two days more");
        Assert.Equal(3, sink.Messages.Count);
    }

    [Fact]
    public async Task A_report_is_posted_where_the_destination_takes_it_by_HTTPS_and_again_where_it_did_not()
    {
        await using var sink = new MailSink();
        await using var web = new PolicyHost(authority, "dest.test");
        await using var queue = await OpenAsync(sink.Port, 443);
        queue.Zone.Txt("_smtp._tls.dest.test", $"v=TLSRPTv1; rua=https://mta-sts.dest.test:{web.Port}/reports").Address("mta-sts.dest.test", "127.0.0.1");
        await queue.StartAsync();
        await queue.SubmitAsync("b@dest.test");
        await queue.EmptyAsync();
        web.Fault = "busy";
        await queue.AdvanceUntilAsync(TimeSpan.FromMinutes(20), () => Task.FromResult(web.Requests > 1), "a second try");
        Assert.Equal(1, await CountedAsync(queue));
        web.Fault = "";
        await queue.AdvanceUntilAsync(TimeSpan.FromMinutes(20), async () => await CountedAsync(queue) == 0, "the report taken");
        var read = Assert.IsType<Sternpost.Reports.Tls.TlsReport>(Assert.Single(new Sternpost.Reports.Reading.ReportReader(TimeProvider.System).ReadFile(web.Posted!)).Report);
        Assert.Equal(("no-policy-found", 0, 1, "starttls-not-supported"), (read.Policies[0].Type, read.Policies[0].Successful, read.Policies[0].Failed, read.Policies[0].Failures[0].Type));
        Assert.Single(sink.Messages);
    }

    [Fact]
    public async Task Who_does_not_ask_is_told_nothing()
    {
        await using var sink = new MailSink();
        await using var queue = await OpenAsync(sink.Port, 443);
        await queue.StartAsync();
        await queue.SubmitAsync("b@dest.test");
        await queue.EmptyAsync();
        await TestQueue.UntilAsync(async () =>
        {
            queue.Time.Advance(TimeSpan.FromMinutes(1));
            return await CountedAsync(queue) == 1;
        }, "the count written");
        await queue.AdvanceUntilAsync(TimeSpan.FromMinutes(30), async () => await CountedAsync(queue) == 0, "the counts forgotten");
        Assert.Single(sink.Messages);
    }

    [Theory]
    [InlineData("v=TLSRPTv1; rua=mailto:a@b.test", "a@b.test")]
    [InlineData("v=TLSRPTv1;rua=mailto:a@b.test,mailto:c@d.test?subject=x , https://e.test/", "a@b.test c@d.test https://e.test/")]
    [InlineData("v=TLSRPTv1; rua=MAILTO:a%2Bt@b.test;", "a+t@b.test")]
    [InlineData("v=TLSRPTv1; rua=https://e.test/in?x=1,http://f.test/,https://192.0.2.1/", "https://e.test/in?x=1")]
    [InlineData("v=TLSRPTv1; rua=mailto:nonsense", "")]
    [InlineData("v=TLSRPTv2; rua=mailto:a@b.test", "")]
    [InlineData("rua=mailto:a@b.test", "")]
    [InlineData("", "")]
    public void The_record_names_addresses(string record, string expected)
    {
        var (addresses, places) = TlsReportRecord.DestinationsOf(["other", record]);
        Assert.Equal(expected, string.Join(' ', addresses.Select(address => address.ToString()).Concat(places.Select(place => place.AbsoluteUri))));
        Assert.Equal(TlsReportDestinations.None, TlsReportRecord.DestinationsOf([record, "v=TLSRPTv1; rua=mailto:z@z.test", "v=TLSRPTv1; rua=mailto:y@y.test"]));
    }

    [Fact]
    public void No_record_throws() =>
        Gen.OneOf("v=TLSRPTv1", ";", "rua=", "mailto:", "a@b.test", "%", "%2", "%00", ",", "?", " ", "https://", "\0", "=").Array[0, 15]
            .Sample(parts =>
            {
                var (addresses, places) = TlsReportRecord.DestinationsOf(["v=TLSRPTv1;" + string.Concat(parts)]);
                Assert.True(addresses.Count + places.Count <= 4);
            }, iter: 10_000);

    private static async Task<long> CountedAsync(TestQueue queue) =>
        await queue.Database.ReadAsync(sql => sql.First($"select count(*) from tls_results", row => row.GetInt64(0)), default);

    private async Task<TestQueue> OpenAsync(int port, int policyPort)
    {
        var queue = await TestQueue.OpenAsync(port, options => options with { TlsReports = true, TrustedRoots = [authority.Certificate], PolicyPort = policyPort, PolicyTimeout = TimeSpan.FromDays(40) });
        queue.Domain("dest.test");
        queue.Domain("reports.test");
        if (policyPort != 443) queue.Zone.Txt("_mta-sts.dest.test", "v=STSv1; id=1").Address("mta-sts.dest.test", "127.0.0.1");
        return queue;
    }

    private static async Task<JsonDocument> DocumentAsync(MimePart part)
    {
        using var packed = new MemoryStream();
        await part.Content!.DecodeToAsync(packed);
        packed.Position = 0;
        await using var gzip = new GZipStream(packed, CompressionMode.Decompress);
        return await JsonDocument.ParseAsync(gzip);
    }
}
