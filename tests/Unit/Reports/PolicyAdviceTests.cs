using Sternpost.Dns;
using Sternpost.Reports.Received;

namespace Sternpost.Unit.Reports;

public sealed class PolicyAdviceTests
{
    private static readonly DomainName Domain = DomainName.Parse("example.com");
    private static readonly DateTimeOffset Start = new(2026, 5, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly ReceivedRow Own = new("192.0.2.1", "example.com", 10) { DkimAligned = true, SpfAligned = true, Dkim = "example.com/s1=pass", Spf = "example.com=pass" };
    private static readonly ReceivedRow Newsletter = new("198.51.100.7", "example.com", 4) { Dkim = "mailer.test/k1=pass", Spf = "bounce.mailer.test=pass" };
    private static readonly ReceivedRow Forged = new("203.0.113.66", "example.com", 1) { Spf = "example.com=fail" };
    private static readonly ReceivedRow Listed = new("198.51.100.9", "example.com", 2) { Dkim = "example.com/s1=fail", Spf = "lists.test=pass", Reason = "mailing_list" };

    [Fact]
    public void WithoutReportsItIsTooEarly()
    {
        var advice = PolicyAdvice.From(Domain, []);
        Assert.Equal((AdviceKind.TooLittle, ""), (advice.Kind, advice.Policy));
    }

    [Fact]
    public void AFewDaysAreTooLittle() => Assert.Equal(AdviceKind.TooLittle, Days(5, Own).Kind);

    [Fact]
    public void FewMessagesAreTooLittle() => Assert.Equal(AdviceKind.TooLittle, Days(30, Own with { Messages = 1 }).Kind);

    [Fact]
    public void WhereEverythingPassesTheNextPolicyIsSafe()
    {
        var advice = Days(20, Own);
        Assert.Equal((AdviceKind.Safe, "quarantine", 200L, 0L, 20), (advice.Kind, advice.Next, advice.Passed, advice.Failed, advice.Days));
        Assert.Contains("Publish p=quarantine", advice.Words, StringComparison.Ordinal);
        Assert.Equal(("example.com", SourceKind.Yours), (Assert.Single(advice.Sources).Name, advice.Sources[0].Kind));
    }

    [Fact]
    public void AfterQuarantineComesReject() => Assert.Equal("reject", Days(20, "quarantine", Own).Next);

    [Fact]
    public void AtRejectNothingComesNext() => Assert.Equal((AdviceKind.Done, null), (Days(20, "reject", Own).Kind, Days(20, "reject", Own).Next));

    [Fact]
    public void AnOccasionalForgeryDoesNotHoldBack()
    {
        var reports = Reports(20, "none", true, Own).ToList();
        reports[3] = (reports[3].Report with { Failed = 1 }, [Own, Forged]);
        var advice = PolicyAdvice.From(Domain, reports);
        Assert.Equal(AdviceKind.Safe, advice.Kind);
        Assert.Equal(SourceKind.Stranger, advice.Sources.Single(source => source.Name == "203.0.113.66").Kind);
    }

    [Fact]
    public void ARegularSourceWithoutProofIsForTheAdministratorToKnow()
    {
        var advice = Days(20, Own, Newsletter);
        Assert.Equal(AdviceKind.Decide, advice.Kind);
        Assert.Contains("mailer.test", advice.Words, StringComparison.Ordinal);
        Assert.Equal(("mailer.test", SourceKind.Regular, 80L), (advice.Sources[0].Name, advice.Sources[0].Kind, advice.Sources[0].Failed));
    }

    [Fact]
    public void ASourceOfOursThatPartlyFailsHoldsBack()
    {
        var unsigned = new ReceivedRow("192.0.2.1", "example.com", 3) { Spf = "other.test=pass" };
        var advice = Days(20, Own, unsigned);
        Assert.Equal(AdviceKind.NotYet, advice.Kind);
        Assert.Contains("60 messages", advice.Words, StringComparison.Ordinal);
        Assert.Contains("bears no signature", advice.Sources[0].Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void AFewBrokenMessagesOfManyAreNoFault()
    {
        var broken = new ReceivedRow("192.0.2.1", "example.com", 1) { Dkim = "example.com/s1=fail" };
        Assert.Equal(AdviceKind.Safe, Days(20, Own with { Messages = 100 }, broken).Kind);
    }

    [Fact]
    public void ListsAndForwardersAreTolerated()
    {
        var advice = Days(20, Own, Listed);
        Assert.Equal(AdviceKind.Safe, advice.Kind);
        Assert.Equal(SourceKind.Forwarder, advice.Sources[0].Kind);
    }

    [Fact]
    public void ReportsThatProveNothingAreNoEvidence()
    {
        var advice = PolicyAdvice.From(Domain, [.. Reports(20, "none", false, Own)]);
        Assert.Equal((AdviceKind.TooLittle, 0, 20, 0L), (advice.Kind, advice.Reports, advice.SetAside, advice.Passed));
    }

    [Fact]
    public void OneLongReportIsOneDay()
    {
        var (report, rows) = Reports(1, "none", true, Own with { Messages = 1000 }).Single();
        Assert.Equal(1, PolicyAdvice.From(Domain, [(report with { End = report.Begin.AddDays(365) }, rows)]).Days);
    }

    private static PolicyAdvice Days(int days, params ReceivedRow[] rows) => Days(days, "none", rows);

    private static PolicyAdvice Days(int days, string policy, params ReceivedRow[] rows) => PolicyAdvice.From(Domain, [.. Reports(days, policy, true, rows)]);

    private static IEnumerable<(ReceivedReport Report, IReadOnlyList<ReceivedRow> Rows)> Reports(int days, string policy, bool authenticated, params ReceivedRow[] rows) =>
        Enumerable.Range(0, days).Select(day => (new ReceivedReport(day + 1, ReportKind.Dmarc, Domain, "receiver.test", $"r{day}", "receiver.test", authenticated)
        {
            Policy = policy,
            Begin = Start.AddDays(day),
            End = Start.AddDays(day + 1).AddSeconds(-1),
            Passed = rows.Where(row => row.Passes).Sum(row => row.Messages),
            Failed = rows.Where(row => !row.Passes).Sum(row => row.Messages),
        }, (IReadOnlyList<ReceivedRow>)rows));
}
