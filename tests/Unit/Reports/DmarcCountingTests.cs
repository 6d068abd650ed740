using System.Net;
using Sternpost.Composition;
using Sternpost.Configuration;
using Sternpost.Dns;
using Sternpost.Filter.Verdicts;
using Sternpost.MailAuth;
using Sternpost.MailAuth.Dmarc;
using Sternpost.MailAuth.Spf;
using Sternpost.Reports.Aggregate;

namespace Sternpost.Unit.Reports;

/// <summary>What aggregate reports say was done with a message (RFC 9990 §3.1.1.9 and §3.1.6).</summary>
public sealed class DmarcCountingTests
{
    [Theory]
    [InlineData("p=reject", true, Disposition.Accept, AggregateDisposition.Pass, "")]
    [InlineData("p=none", true, Disposition.Accept, AggregateDisposition.None, "")]
    // What the filter thinks of mail that passes is nobody's affair.
    [InlineData("p=reject", true, Disposition.Reject, AggregateDisposition.Pass, "")]
    [InlineData("p=reject", false, Disposition.Reject, AggregateDisposition.Reject, "")]
    [InlineData("p=quarantine", false, Disposition.Junk, AggregateDisposition.Quarantine, "")]
    [InlineData("p=quarantine", false, Disposition.Reject, AggregateDisposition.Quarantine, "")]
    [InlineData("p=none", false, Disposition.Junk, AggregateDisposition.None, "")]
    [InlineData("p=reject", false, Disposition.Junk, AggregateDisposition.Quarantine, "local_policy")]
    [InlineData("p=reject", false, Disposition.Accept, AggregateDisposition.None, "local_policy")]
    [InlineData("p=reject; t=y", false, Disposition.Junk, AggregateDisposition.Quarantine, "policy_test_mode")]
    [InlineData("p=quarantine; t=y", false, Disposition.Accept, AggregateDisposition.None, "policy_test_mode")]
    public void WhatWasDoneAndWhy(string policy, bool passes, Disposition verdict, AggregateDisposition applied, string reason) =>
        Assert.Equal((applied, reason), Applied(policy, passes, verdict, null));

    [Theory]
    [InlineData("mailing_list")]
    [InlineData("trusted_forwarder")]
    public void TheWayItCameIsTheReason(string way) =>
        Assert.Equal((AggregateDisposition.None, way), Applied("p=reject", passes: false, Disposition.Accept, way));

    [Theory]
    [InlineData("mx.sternpost-mail.org", true)]
    [InlineData("mail.demo.test", false)]
    [InlineData("mail.example.com", false)]
    [InlineData("mail.home.arpa", false)]
    [InlineData("mailhost", false)]
    public void ReportsAreSentOnlyFromNamesThatOthersCanAnswerTo(string hostname, bool sends)
    {
        var configuration = ConfigurationFile.Parse($"[server]\nhostname = \"{hostname}\"\n", "test");
        Assert.Equal(sends, AggregateReports.MaySend(configuration, loopbackOnly: false));
        Assert.False(AggregateReports.MaySend(configuration, loopbackOnly: true));
        configuration.Reports.SendDmarc = false;
        Assert.False(AggregateReports.MaySend(configuration, loopbackOnly: false));
    }

    private static (AggregateDisposition, string) Applied(string policy, bool passes, Disposition verdict, string? explained)
    {
        var domain = DomainName.Parse("example.com");
        Assert.True(DmarcRecord.TryParse("v=DMARC1; " + policy, out var record));
        var effective = record.Testing ? record.Policy == DmarcPolicy.Reject ? DmarcPolicy.Quarantine : DmarcPolicy.None : record.Policy;
        var dmarc = new DmarcResult(passes ? DmarcKind.Pass : DmarcKind.Fail, domain, "") { Record = record, RecordDomain = domain, Policy = effective };
        var outcome = new AuthenticationOutcome(new SpfResult(SpfKind.None, SpfIdentity.MailFrom, domain), [], dmarc, IPAddress.Loopback, "pass");
        var data = explained is null ? null : new Dictionary<string, string> { ["explained"] = explained };
        var (disposition, overrides) = DmarcCounting.Applied(outcome, new Verdict(verdict, 0, [new Finding("DMARC_FAIL", 0, "", data)], "", ""));
        return (disposition, string.Join(' ', overrides.Select(reason => reason.Type)));
    }
}
