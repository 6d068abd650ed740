using Sternpost.Filter;
using Sternpost.Filter.Verdicts;
using Sternpost.MailAuth;
using Sternpost.MailAuth.Dmarc;
using Sternpost.Messages.Envelopes;
using Sternpost.Reports.Aggregate;
using Sternpost.Reports.Received;
using Sternpost.Reports.Sent;

namespace Sternpost.Composition;

/// <summary>Tells the aggregate reports what became of each message, in their words: what the policy came to, never what else the filter thinks (RFC 9990 §8.3).</summary>
internal static class DmarcCounting
{
    /// <summary>Counts a judged message. Mail to our report addresses is not counted, or two servers would report each other's reports for ever.</summary>
    internal static void Count(DmarcObservations observations, ReceivedReports reports, Envelope envelope, Judgement judgement)
    {
        if (judgement.Authentication is not { } outcome || envelope.Recipients.All(recipient => reports.IsReportAddress(recipient.Address))) return;
        var (disposition, overrides) = Applied(outcome, judgement.Verdict);
        observations.Count(outcome, disposition, overrides);
    }

    internal static (AggregateDisposition Disposition, IReadOnlyList<PolicyOverride> Overrides) Applied(AuthenticationOutcome outcome, Verdict verdict)
    {
        var dmarc = outcome.Dmarc;
        // RFC 9990 appendix A: "pass" is for domains whose policy would have had something done.
        if (dmarc.Kind != DmarcKind.Fail) return (dmarc.Policy is DmarcPolicy.Quarantine or DmarcPolicy.Reject ? AggregateDisposition.Pass : AggregateDisposition.None, []);
        var overrides = new List<PolicyOverride>(1);
        if (dmarc.Record is { Testing: true, Policy: not DmarcPolicy.None }) overrides.Add(new PolicyOverride("policy_test_mode", null));
        var applied = Math.Min(Severity(verdict.Disposition), Severity(dmarc.Disposition)) switch
        {
            2 => AggregateDisposition.Reject,
            1 => AggregateDisposition.Quarantine,
            _ => AggregateDisposition.None,
        };
        // RFC 9990 §3.1.1.9: where something milder was done, the reason must be told.
        if (Severity(verdict.Disposition) < Severity(dmarc.Disposition))
        {
            var way = verdict.Findings.Select(finding => finding.Data?.GetValueOrDefault("explained")).FirstOrDefault(explained => explained is not null);
            overrides.Add(new PolicyOverride(way ?? "local_policy", null));
        }
        return (applied, overrides);
    }

    private static int Severity(Disposition disposition) => disposition switch
    {
        Disposition.Reject => 2,
        Disposition.Junk => 1,
        _ => 0,
    };

    private static int Severity(DmarcPolicy policy) => policy switch
    {
        DmarcPolicy.Reject => 2,
        DmarcPolicy.Quarantine => 1,
        _ => 0,
    };
}
