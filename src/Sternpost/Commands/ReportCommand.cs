using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using Sternpost.Reports;
using Sternpost.Reports.Received;

namespace Sternpost.Commands;

/// <summary><c>report list|show</c>: what other servers report about our domains, and what follows from it.</summary>
internal static class ReportCommand
{
    private const int UsualDays = 30;
    private const int AddressesShown = 3;

    public static Command Create() => new("report", "What other servers report about mail in our domains' names.") { List(), Show() };

    private static Command List()
    {
        var domain = Inputs.DomainOption("Only reports on this domain.");
        var days = Days();
        var json = CommonOptions.Json();
        var command = new Command("list", "Lists the reports received, the newest first.") { domain, days, json };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var reports = await Kept(installation).ListAsync(result.GetValue(domain), Since(result.GetValue(days)), cancellation);
            Facts.PrintList([.. reports.Select(ReportFact.Of)], result.GetValue(json), "No reports were received in that time.",
                ("UNTIL", fact => fact.End.ToString("yyyy-MM-dd")), ("KIND", fact => fact.Kind.ToString().ToLowerInvariant()), ("DOMAIN", fact => fact.Domain),
                ("FROM", fact => fact.Organisation), ("POLICY", fact => fact.Policy), ("PASSED", fact => fact.Passed.ToString()), ("FAILED", fact => fact.Failed.ToString()),
                ("PROVED", fact => fact.Authenticated ? "yes" : "no"));
        });
        return command;
    }

    private static Command Show()
    {
        var domain = Inputs.Domain();
        var days = Days();
        var json = CommonOptions.Json();
        var command = new Command("show", "Shows who sends in a domain's name, what of it would fail under a stricter DMARC policy, and whether it is time for one.") { domain, days, json };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var name = (await DomainCommand.FindAsync(installation.Directory, result.GetRequiredValue(domain), cancellation)).Name;
            var (kept, since) = (Kept(installation), Since(result.GetValue(days)));
            var advice = PolicyAdvice.From(name, await kept.EvidenceAsync(name, ReportKind.Dmarc, since, cancellation));
            var tls = TlsFact.Of(await kept.EvidenceAsync(name, ReportKind.Tls, since, cancellation));
            var complaints = (await kept.EvidenceAsync(name, ReportKind.Feedback, since, cancellation)).Sum(item => item.Report.Failed);
            if (result.GetValue(json)) Console.Out.WriteLine(Facts.Json(AdviceFact.Of(advice, tls, complaints)));
            else Print(advice, tls, complaints);
        });
        return command;
    }

    private static void Print(PolicyAdvice advice, TlsFact tls, long complaints)
    {
        var output = Console.Out;
        output.WriteLine($"{advice.Domain}: p={(advice.Policy.Length > 0 ? advice.Policy : "?")}, {Count(advice.Reports, "report")} on {Count(advice.Days, "day")}, {advice.Passed} messages passed, {advice.Failed} failed.");
        if (advice.SetAside > 0) output.WriteLine($"{Count(advice.SetAside, "report")} set aside: the mail they came in does not prove who sent it, and anybody can write one.");
        output.WriteLine();
        output.WriteLine(advice.Words);
        if (advice.Sources.Count > 0) output.WriteLine();
        foreach (var source in advice.Sources)
        {
            output.WriteLine($"  {Word(source.Kind),-10} {source.Passed,7} passed {source.Failed,7} failed  {source.Name}  ({Addresses(source)})");
            if (source.Advice.Length > 0) output.WriteLine($"             {source.Advice}");
        }
        output.WriteLine();
        output.WriteLine(tls.Reports == 0 ? "TLS: no reports." : $"TLS: {Count(tls.Reports, "report")}, {tls.Sessions} sessions came about, {tls.Failed} did not.");
        foreach (var failure in tls.Failures) output.WriteLine($"  {failure.Sessions,7}  {failure.Reason}  ({failure.Server})");
        if (complaints > 0) output.WriteLine($"Complaints and failure reports about single messages: {complaints}.");
    }

    private static string Addresses(SourceFinding source)
    {
        var shown = string.Join(", ", source.Addresses.Take(AddressesShown));
        return source.Addresses.Count > AddressesShown ? $"{shown} and {source.Addresses.Count - AddressesShown} more" : shown;
    }

    private static string Word(SourceKind kind) => kind switch
    {
        SourceKind.Yours => "passes",
        SourceKind.Faulty => "FAULTY",
        SourceKind.Forwarder => "forwarder",
        SourceKind.Regular => "YOURS?",
        _ => "stranger",
    };

    private static string Count(long number, string what) => $"{number} {what}{(number == 1 ? "" : "s")}";

    private static Option<int> Days() => new("--days") { Description = "How many days back.", HelpName = "N", DefaultValueFactory = _ => UsualDays };

    private static DateTimeOffset Since(int days) => TimeProvider.System.GetUtcNow() - TimeSpan.FromDays(Math.Clamp(days, 1, 4000));

    private static ReceivedReports Kept(Installation installation) =>
        new(installation.Database, new ReportOptions(), TimeProvider.System, NullLogger<ReceivedReports>.Instance);

    /// <summary>What <c>--json</c> says of a report.</summary>
    private sealed record ReportFact(
        ReportKind Kind, string Domain, string Organisation, string ReportId, string Sender, bool Authenticated, string Policy, DateTimeOffset Begin, DateTimeOffset End, DateTimeOffset Received, long Passed, long Failed)
    {
        internal static ReportFact Of(ReceivedReport report) => new(
            report.Kind, report.Domain.Ascii, report.Organisation, report.ReportId, report.Sender, report.Authenticated, report.Policy, report.Begin, report.End, report.Received, report.Passed, report.Failed);
    }

    /// <summary>What <c>--json</c> says of a domain.</summary>
    private sealed record AdviceFact(
        string Domain, string Policy, string? Next, AdviceKind Advice, string Words, int Reports, int SetAside, int Days, long Passed, long Failed,
        IReadOnlyList<SourceFact> Sources, TlsFact Tls, long Complaints)
    {
        internal static AdviceFact Of(PolicyAdvice advice, TlsFact tls, long complaints) => new(
            advice.Domain.Ascii, advice.Policy, advice.Next, advice.Kind, advice.Words, advice.Reports, advice.SetAside, advice.Days, advice.Passed, advice.Failed,
            [.. advice.Sources.Select(source => new SourceFact(source.Name, source.Kind, source.Passed, source.Failed, source.Days, source.Addresses, source.Advice))], tls, complaints);
    }

    private sealed record SourceFact(string Name, SourceKind Kind, long Passed, long Failed, int Days, IReadOnlyList<string> Addresses, string Advice);

    private sealed record TlsFact(int Reports, long Sessions, long Failed, IReadOnlyList<TlsFailureFact> Failures)
    {
        internal static TlsFact Of(IReadOnlyList<(ReceivedReport Report, IReadOnlyList<ReceivedRow> Rows)> evidence) => new(
            evidence.Count, evidence.Sum(item => item.Report.Passed), evidence.Sum(item => item.Report.Failed),
            [.. evidence.SelectMany(item => item.Rows).GroupBy(row => (row.Source, row.Reason))
                .Select(group => new TlsFailureFact(group.Key.Source, group.Key.Reason, group.Sum(row => row.Messages))).OrderByDescending(failure => failure.Sessions)]);
    }

    private sealed record TlsFailureFact(string Server, string Reason, long Sessions);
}
