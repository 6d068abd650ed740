using Sternpost.Dns;
using Sternpost.Reports.Aggregate;
using Sternpost.Reports.Feedback;
using Sternpost.Reports.Tls;

namespace Sternpost.Reports.Received;

/// <summary>Brings reports of all kinds into the one form they are kept in.</summary>
internal static class KeptForms
{
    // Of a row's signatures and results as many as say something; the rest is a reporter's noise.
    private const int MaxResults = 10;

    internal static IEnumerable<(ReceivedReport Report, IReadOnlyList<ReceivedRow> Rows)> Of(Report report, string sender, bool authenticated, DateTimeOffset now) => report switch
    {
        AggregateReport aggregate => [Of(aggregate, sender, authenticated, now)],
        // One TLS report may hold the policies of several domains.
        TlsReport tls => tls.Policies.GroupBy(policy => policy.Domain).Select(group => Of(tls, group.Key, [.. group], sender, authenticated, now)),
        FeedbackReport feedback => Of(feedback, sender, authenticated, now),
        _ => [],
    };

    private static (ReceivedReport, IReadOnlyList<ReceivedRow>) Of(AggregateReport report, string sender, bool authenticated, DateTimeOffset now)
    {
        var passed = report.Rows.Where(row => row.Passes).Sum(row => row.Count);
        return (new ReceivedReport(0, ReportKind.Dmarc, report.Policy.Domain, report.Organisation, report.ReportId, sender, authenticated)
        {
            Policy = (report.Policy.Policy?.ToString() ?? "").ToLowerInvariant(),
            Begin = report.Begin,
            End = report.End,
            Received = now,
            Passed = passed,
            Failed = report.Rows.Sum(row => row.Count) - passed,
        }, [.. report.Rows.Select(row => new ReceivedRow(row.Source.ToString(), row.HeaderFrom, row.Count)
        {
            Disposition = row.Disposition,
            DkimAligned = row.DkimAligned,
            SpfAligned = row.SpfAligned,
            Dkim = string.Join(' ', row.Dkim.Take(MaxResults).Select(signature => $"{Word(signature.Domain)}/{Word(signature.Selector)}={Word(signature.Result)}")),
            Spf = string.Join(' ', row.Spf.Take(MaxResults).Select(result => $"{Word(result.Domain)}={Word(result.Result)}")),
            Reason = string.Join("; ", row.Overrides.Take(MaxResults).Select(reason => reason.Comment is null ? reason.Type : $"{reason.Type} ({reason.Comment})")),
        })]);
    }

    private static (ReceivedReport, IReadOnlyList<ReceivedRow>) Of(TlsReport report, DomainName domain, IReadOnlyList<TlsPolicyResult> policies, string sender, bool authenticated, DateTimeOffset now) =>
        (new ReceivedReport(0, ReportKind.Tls, domain, report.Organisation, report.ReportId, sender, authenticated)
        {
            Policy = string.Join(' ', policies.Select(policy => Word(policy.Type)).Distinct()),
            Begin = report.Begin,
            End = report.End,
            Received = now,
            Passed = policies.Sum(policy => policy.Successful),
            Failed = policies.Sum(policy => policy.Failed),
        }, [.. policies.SelectMany(policy => policy.Failures.Select(failure => new ReceivedRow(failure.ReceivingHost ?? failure.ReceivingAddress?.ToString() ?? "", domain.Ascii, failure.Sessions)
        {
            Reason = string.Join("; ", ((string?[])[failure.Type, failure.ReasonCode, failure.Information]).Where(text => !string.IsNullOrEmpty(text))),
        }))]);

    private static IEnumerable<(ReceivedReport, IReadOnlyList<ReceivedRow>)> Of(FeedbackReport report, string sender, bool authenticated, DateTimeOffset now)
    {
        // RFC 5965 §3.2: Reported-Domain says whom it concerns; where it is missing, the author does.
        foreach (var name in report.ReportedDomains.Append(report.Author?.Split('@')[^1] ?? "").Append(report.OriginalMailFrom?.Split('@')[^1] ?? ""))
        {
            if (!DomainName.TryParse(name, out var domain)) continue;
            var arrival = report.Arrival?.ToUniversalTime() ?? now;
            // Feedback has no id of its own; without the message's, two of one minute count as one.
            var id = report.ReportId.Length > 0 ? report.ReportId : $"{arrival:yyyyMMddHHmm}";
            return [(new ReceivedReport(0, ReportKind.Feedback, domain, report.Organisation.Length > 0 ? report.Organisation : sender, id, sender, authenticated)
            {
                Policy = report.Type,
                Begin = arrival,
                End = arrival,
                Received = now,
                Failed = report.Incidents,
            }, (IReadOnlyList<ReceivedRow>)[new ReceivedRow(report.Source?.ToString() ?? "", report.Author ?? report.OriginalMailFrom ?? "", report.Incidents)
            {
                Reason = string.Join("; ", ((string?[])[report.AuthFailure, report.DeliveryResult, report.MessageId, report.Subject]).Where(text => !string.IsNullOrEmpty(text))),
            }])];
        }
        return [];
    }

    // A word that may stand between spaces, slashes and equals signs.
    private static string Word(string? text)
    {
        if (string.IsNullOrEmpty(text)) return "-";
        return text.AsSpan().IndexOfAny(" /=") < 0 ? text : string.Concat(text.Where(c => c is not (' ' or '/' or '=')));
    }
}
