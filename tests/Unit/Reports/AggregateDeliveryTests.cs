using System.Net;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Sternpost.Dns;
using Sternpost.MailAuth;
using Sternpost.MailAuth.Dkim;
using Sternpost.MailAuth.Dmarc;
using Sternpost.MailAuth.Spf;
using Sternpost.Messages.Addresses;
using Sternpost.Messages.Envelopes;
using Sternpost.Queue.Intake;
using Sternpost.Queue.Signing;
using Sternpost.Queue.TransportSecurity;
using Sternpost.Reports;
using Sternpost.Reports.Aggregate;
using Sternpost.Reports.Reading;
using Sternpost.Reports.Received;
using Sternpost.Reports.Sent;
using Sternpost.Unit.Queue;

namespace Sternpost.Unit.Reports;

/// <summary>A report on its whole way: counted, made, signed, queued, delivered by SMTP, and read at the other end.</summary>
public sealed class AggregateDeliveryTests
{
    [Fact]
    public async Task AReportArrivesSignedAndPassesDmarcItself()
    {
        await using var sink = new MailSink();
        await using var queue = await TestQueue.OpenAsync(sink.Port);
        queue.Domain("watched.test");
        var keys = new DkimKeys(queue.Database, queue.Time);
        await keys.EnsureAsync(DomainName.Parse("example.com"), default);
        foreach (var key in await keys.PublishedAsync(DomainName.Parse("example.com"), default)) queue.Zone.Txt($"{key.Selector}._domainkey.example.com", key.RecordText);
        queue.Zone.Txt("_dmarc.example.com", "v=DMARC1; p=reject");

        var observations = new DmarcObservations(queue.Database, queue.Time, NullLogger<DmarcObservations>.Instance);
        observations.Count(Outcome("watched.test"), AggregateDisposition.Reject, []);
        await observations.FlushAsync(default);
        var own = new ServerMail(queue.Database, queue.Directory, queue.Mail, new DkimMessageSigner(queue.Database, queue.Time).SignAsync, queue.Signal, queue.Options, queue.Time);
        var received = new ReceivedReports(queue.Database, new ReportOptions(), queue.Time, NullLogger<ReceivedReports>.Instance);
        var sender = new AggregateSender(
            queue.Database, received, queue.Zone, (to, content, alongside, cancellation) => own.SendAsync(to, content, TransportNeed.Usual, alongside, cancellation),
            _ => ValueTask.FromResult<ReportAuthor?>(new ReportAuthor(EmailAddress.Parse("postmaster@example.com"), [DomainName.Parse("example.com")])),
            new AggregateSenderOptions(queue.Options.HostName, AggregateSchema.Rfc9990, "Sternpost"), queue.Time, NullLogger<AggregateSender>.Instance);
        queue.Time.Advance(TimeSpan.FromHours(16));
        Assert.Equal(1, await sender.SendDueAsync(default));
        Assert.Equal(0, await sender.SendDueAsync(default));
        await queue.StartAsync();
        await queue.EmptyAsync();

        var content = Encoding.ASCII.GetBytes(Assert.Single(sink.Messages).Data);
        var report = Assert.IsType<AggregateReport>(Assert.Single(new ReportReader(queue.Time).ReadMessage(content)).Report);
        Assert.Equal(("example.com", "watched.test", 1L), (report.Organisation, report.Policy.Domain.Ascii, report.Rows.Single().Count));
        // RFC 9990 §3.5.2: reports must pass DMARC, so that nobody believes forged ones.
        var session = new SessionFacts(IPAddress.Parse("192.0.2.1"), "mail.example.com", "ESMTPS", "TLSv1.3", "x", null, queue.Time.GetUtcNow(), "s1");
        var outcome = await new Authentication(queue.Zone, queue.Time).EvaluateAsync(session, new Envelope(null, [new EnvelopeRecipient(EmailAddress.Parse("agg@watched.test"))]), content, default);
        Assert.Equal((DmarcKind.Pass, "example.com"), (outcome.Dmarc.Kind, outcome.Dmarc.Dkim.AlignedDomain?.Ascii));
    }

    private static AuthenticationOutcome Outcome(string domain)
    {
        var name = DomainName.Parse(domain);
        Assert.True(DmarcRecord.TryParse($"v=DMARC1; p=reject; rua=mailto:agg@{domain}", out var record));
        var dmarc = new DmarcResult(DmarcKind.Fail, name, "") { Record = record, RecordDomain = name, OrganisationalDomain = name, Policy = record.Policy };
        return new AuthenticationOutcome(new SpfResult(SpfKind.Fail, SpfIdentity.MailFrom, name), [], dmarc, IPAddress.Parse("203.0.113.9"), "none") { MailFrom = "a@" + domain };
    }
}
