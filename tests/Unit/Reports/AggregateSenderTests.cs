using System.Net;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using MimeKit;
using Sternpost.Dns;
using Sternpost.MailAuth;
using Sternpost.MailAuth.Dkim;
using Sternpost.MailAuth.Dmarc;
using Sternpost.MailAuth.Spf;
using Sternpost.Messages.Addresses;
using Sternpost.Reports;
using Sternpost.Reports.Aggregate;
using Sternpost.Reports.Reading;
using Sternpost.Reports.Received;
using Sternpost.Reports.Sent;
using Sternpost.Storage;

namespace Sternpost.Unit.Reports;

/// <summary>From a day's outcomes to the reports that others get, on one clock and with a DNS in memory.</summary>
public sealed class AggregateSenderTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Noon = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly DomainName Ours = DomainName.Parse("receiver.test");

    private readonly string folder = Directory.CreateTempSubdirectory("sternpost-reports-").FullName;
    private readonly FakeTimeProvider time = new(Noon);
    private readonly ZoneResolver zone = new();
    private readonly List<(EmailAddress To, byte[] Content)> sent = [];
    private Database database = null!;
    private DmarcObservations observations = null!;
    private ReceivedReports received = null!;

    public async ValueTask InitializeAsync()
    {
        database = await Database.OpenAsync(folder, time, default);
        observations = new DmarcObservations(database, time, NullLogger<DmarcObservations>.Instance);
        received = new ReceivedReports(database, new ReportOptions(), time, NullLogger<ReceivedReports>.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        await database.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task ADayBecomesOneReportOnTheNext()
    {
        var sender = Sender();
        for (var i = 0; i < 3; i++) Count("example.com", "192.0.2.1", pass: true);
        Count("example.com", "203.0.113.9", pass: false);
        await observations.FlushAsync(default);
        for (var i = 0; i < 2; i++) Count("example.com", "192.0.2.1", pass: true);
        await observations.FlushAsync(default);
        Assert.Equal(0, await sender.SendDueAsync(default));

        await TomorrowAsync(sender, 1);
        var (to, content) = Assert.Single(sent);
        Assert.Equal("agg@example.com", to.ToString());
        var report = Read(content);
        Assert.Equal((AggregateSchema.Rfc9990, "receiver.test", "example.com", DmarcPolicy.Reject), (report.Schema, report.Organisation, report.Policy.Domain.Ascii, report.Policy.Policy));
        Assert.Equal((new DateTimeOffset(2026, 5, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2026, 5, 1, 23, 59, 59, TimeSpan.Zero)), (report.Begin, report.End));
        Assert.Equal([("192.0.2.1", 5L, true, AggregateDisposition.Pass), ("203.0.113.9", 1L, false, AggregateDisposition.Reject)],
            report.Rows.Select(row => (row.Source.ToString(), row.Count, row.Passes, row.Disposition)));
        Assert.Equal(("example.com", "s1", "pass"), (report.Rows[0].Dkim[0].Domain, report.Rows[0].Dkim[0].Selector, report.Rows[0].Dkim[0].Result));

        // Once.
        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(0, await sender.SendDueAsync(default));
    }

    [Fact]
    public async Task TheMessageHasTheFormOfRfc9990()
    {
        Count("example.com", "192.0.2.1", pass: true);
        await observations.FlushAsync(default);
        await TomorrowAsync(Sender(), 1);
        var message = await MimeMessage.LoadAsync(new MemoryStream(Assert.Single(sent).Content), TestContext.Current.CancellationToken);
        Assert.Equal("Report Domain: example.com Submitter: receiver.test Report-ID: <20260501.example.com@mx.receiver.test>", message.Subject);
        Assert.Equal(("postmaster@receiver.test", "20260501.example.com@mx.receiver.test"), (message.From.Mailboxes.Single().Address, message.MessageId));
        var attachment = Assert.IsAssignableFrom<MimePart>(Assert.Single(message.Attachments));
        Assert.Equal(("application/gzip", "receiver.test!example.com!1777593600!1777679999.xml.gz"), (attachment.ContentType.MimeType, attachment.FileName));
        Assert.All(Encoding.ASCII.GetString(sent[0].Content).Split("\r\n"), line => Assert.True(line.Length <= 78, line));
    }

    [Fact]
    public async Task TheOlderFormIsWrittenWhereAsked()
    {
        Count("example.com", "192.0.2.1", pass: true);
        await observations.FlushAsync(default);
        await TomorrowAsync(Sender(options => options with { Schema = AggregateSchema.Rfc7489 }), 1);
        Assert.Equal(AggregateSchema.Rfc7489, Read(Assert.Single(sent).Content).Schema);
    }

    [Fact]
    public async Task WhoDoesNotAskGetsNothing()
    {
        Count("example.com", "192.0.2.1", pass: true, rua: "");
        Count("example.net", "192.0.2.1", pass: true, rua: "https://example.net/");
        await observations.FlushAsync(default);
        await TomorrowAsync(Sender(), 0);
        Assert.Empty(sent);
    }

    [Fact]
    public async Task AnotherOrganisationGetsOnlyWhatItAgreedTo()
    {
        zone.Txt("example.com._report._dmarc.reader.test", "v=DMARC1");
        Count("example.com", "192.0.2.1", pass: true, rua: "mailto:x@reader.test,mailto:y@victim.test");
        await observations.FlushAsync(default);
        await TomorrowAsync(Sender(), 1);
        Assert.Equal("x@reader.test", Assert.Single(sent).To.ToString());
    }

    [Fact]
    public async Task WhereDnsDoesNotAnswerItIsTriedAgainAndGivenUpAfterTwoDays()
    {
        zone.Fails("example.com._report._dmarc.reader.test");
        Count("example.com", "192.0.2.1", pass: true, rua: "mailto:x@reader.test");
        await observations.FlushAsync(default);
        var sender = Sender();
        await TomorrowAsync(sender, 0);
        zone.Remove("example.com._report._dmarc.reader.test").Txt("example.com._report._dmarc.reader.test", "v=DMARC1");
        Assert.Equal(0, await sender.SendDueAsync(default));
        time.Advance(TimeSpan.FromHours(1.1));
        Assert.Equal(1, await sender.SendDueAsync(default));
        Assert.Single(sent);

        zone.Fails("example.net._report._dmarc.reader.test");
        Count("example.net", "192.0.2.1", pass: true, rua: "mailto:x@reader.test");
        await observations.FlushAsync(default);
        time.Advance(TimeSpan.FromDays(3));
        Assert.Equal(1, await sender.SendDueAsync(default));
        Assert.Single(sent);
        Assert.StartsWith("not sent: DNS", await OutcomeAsync("example.net"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AReportLargerThanTheDestinationTakesIsNotSent()
    {
        Count("example.com", "192.0.2.1", pass: true, rua: "mailto:x@example.com!1k");
        await observations.FlushAsync(default);
        await TomorrowAsync(Sender(), 1);
        Assert.Empty(sent);
        Assert.Contains("larger", await OutcomeAsync("example.com"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ARoundSendsSoManyAndTheNextTheRest()
    {
        for (var i = 0; i < 5; i++) Count($"d{i}.test", "192.0.2.1", pass: true, rua: $"mailto:x@d{i}.test");
        await observations.FlushAsync(default);
        var sender = Sender(options => options with { PerRound = 2, PerDay = 4 });
        await TomorrowAsync(sender, 2);
        Assert.Equal(2, await sender.SendDueAsync(default));
        Assert.Equal(0, await sender.SendDueAsync(default));
        Assert.Equal(4, sent.Count);
    }

    [Fact]
    public async Task OfManyRowsThoseWithMostMessagesAreReported()
    {
        for (var i = 1; i <= 5; i++)
        {
            for (var times = 0; times < i; times++) Count("example.com", $"192.0.2.{i}", pass: true);
        }
        await observations.FlushAsync(default);
        await TomorrowAsync(Sender(options => options with { Rows = 2 }), 1);
        var report = Read(Assert.Single(sent).Content);
        Assert.Equal(["192.0.2.5", "192.0.2.4"], report.Rows.Select(row => row.Source.ToString()));
        Assert.Single(report.Errors);
    }

    [Fact]
    public async Task WhatOurOwnDomainWouldBeToldIsKeptAsEvidence()
    {
        Count("receiver.test", "192.0.2.1", pass: true, rua: "mailto:postmaster@receiver.test");
        await observations.FlushAsync(default);
        await TomorrowAsync(Sender(), 1);
        Assert.Empty(sent);
        var kept = Assert.Single(await received.ListAsync(Ours, DateTimeOffset.UnixEpoch, default));
        Assert.Equal((ReportKind.Dmarc, true, 1L), (kept.Kind, kept.Authenticated, kept.Passed));
    }

    [Fact]
    public async Task TheRecordOfTheEndOfTheDayIsReported()
    {
        Count("example.com", "192.0.2.1", pass: true);
        Count("example.com", "192.0.2.1", pass: true, policy: "none");
        await observations.FlushAsync(default);
        await TomorrowAsync(Sender(), 1);
        Assert.Equal(DmarcPolicy.None, Read(Assert.Single(sent).Content).Policy.Policy);
    }

    [Fact]
    public async Task WhatIsWrittenAfterMidnightStillBelongsToItsDay()
    {
        Count("example.com", "192.0.2.1", pass: true);
        time.Advance(TimeSpan.FromHours(12));
        Count("example.net", "192.0.2.1", pass: true);
        await observations.FlushAsync(default);
        time.Advance(TimeSpan.FromHours(4));
        Assert.Equal(1, await Sender().SendDueAsync(default));
        Assert.Equal("agg@example.com", Assert.Single(sent).To.ToString());
        time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(1, await Sender().SendDueAsync(default));
        Assert.Equal("agg@example.net", sent[1].To.ToString());
    }

    [Fact]
    public async Task OldCountsAreForgotten()
    {
        Count("example.com", "192.0.2.1", pass: true);
        await observations.FlushAsync(default);
        await TomorrowAsync(Sender(), 1);
        time.Advance(TimeSpan.FromDays(10));
        await Sender().SendDueAsync(default);
        Assert.Equal(0, await database.ReadAsync(sql => sql.First($"select count(*) from dmarc_counts", row => row.GetInt32(0)) + sql.First($"select count(*) from dmarc_reports", row => row.GetInt32(0)), default));
    }

    private AggregateSender Sender(Func<AggregateSenderOptions, AggregateSenderOptions>? adjust = null) => new(
        database, received, zone, PostAsync, _ => ValueTask.FromResult<ReportAuthor?>(new ReportAuthor(EmailAddress.Parse("postmaster@receiver.test"), [Ours])),
        (adjust ?? (same => same))(new AggregateSenderOptions(DomainName.Parse("mx.receiver.test"), AggregateSchema.Rfc9990, "Sternpost test")), time, NullLogger<AggregateSender>.Instance);

    private async ValueTask<bool> PostAsync(EmailAddress to, byte[] content, Action<Sql>? alongside, CancellationToken cancellation)
    {
        sent.Add((to, content));
        if (alongside is not null) await database.WriteAsync(sql => { alongside(sql); return true; }, cancellation);
        return true;
    }

    private async Task TomorrowAsync(AggregateSender sender, int settled)
    {
        // Past the hours over which servers spread.
        time.Advance(TimeSpan.FromHours(16));
        Assert.Equal(settled, await sender.SendDueAsync(default));
    }

    private void Count(string domain, string source, bool pass, string? rua = null, string policy = "reject")
    {
        var name = DomainName.Parse(domain);
        Assert.True(DmarcRecord.TryParse($"v=DMARC1; p={policy}; rua={rua ?? "mailto:agg@" + domain}", out var record));
        var dmarc = new DmarcResult(pass ? DmarcKind.Pass : DmarcKind.Fail, name, "") { Record = record, RecordDomain = name, OrganisationalDomain = name, Policy = record.Policy, Dkim = new DmarcAlignment(false, pass ? name : null) };
        var outcome = new AuthenticationOutcome(new SpfResult(SpfKind.SoftFail, SpfIdentity.MailFrom, name), [new DkimResult(pass ? DkimKind.Pass : DkimKind.Fail, name, "") { Selector = "s1" }], dmarc, IPAddress.Parse(source), "pass") { MailFrom = "a@" + domain };
        observations.Count(outcome, pass ? AggregateDisposition.Pass : AggregateDisposition.Reject, []);
    }

    private Task<string?> OutcomeAsync(string domain) =>
        database.ReadAsync(sql => sql.First($"select outcome from dmarc_reports where domain = {domain}", row => row.GetString(0)), default).AsTask();

    private AggregateReport Read(byte[] content) => Assert.IsType<AggregateReport>(Assert.Single(new ReportReader(TimeProvider.System).ReadMessage(content)).Report);
}
