using Microsoft.Extensions.Logging;
using Sternpost.Dns;
using Sternpost.Messages.Addresses;
using Sternpost.Reports.Reading;
using Sternpost.Storage;

namespace Sternpost.Reports.Received;

/// <summary>
/// The reports received about our domains. The intake asks <see cref="Read"/> about mail to a report address and writes what it answers in
/// the transaction that keeps the mail; the mail itself is delivered as any other.
/// </summary>
public sealed class ReceivedReports(Database database, ReportOptions options, TimeProvider time, ILogger<ReceivedReports> log)
{
    private const int MaxListed = 1000;

    private readonly ReportReader reader = new(time);

    /// <summary>True for an address at which reports are expected; that its domain is ours is for the caller to know.</summary>
    public bool IsReportAddress(EmailAddress address) => options.LocalParts.Contains(address.LocalPart, StringComparer.OrdinalIgnoreCase);

    /// <summary>What a message reports about our domains, ready to be kept; nothing where it is no report, or of other domains.</summary>
    /// <param name="content">The message.</param>
    /// <param name="sender">The domain of its From field; null where it names none.</param>
    /// <param name="authenticated">It is proved to be of that domain.</param>
    /// <param name="ours">The domains of this server.</param>
    public IReadOnlyList<ReportToKeep> Read(ReadOnlyMemory<byte> content, DomainName? sender, bool authenticated, IReadOnlyCollection<DomainName> ours)
    {
        var kept = new List<ReportToKeep>();
        foreach (var reading in reader.ReadMessage(content))
        {
            if (reading.Report is null)
            {
                log.ReportRefused(sender?.Ascii ?? "", reading.Refusal!);
                continue;
            }
            foreach (var (report, rows) in KeptForms.Of(reading.Report, sender?.Ascii ?? "", authenticated, time.GetUtcNow()))
            {
                if (ours.Any(report.Domain.IsWithin)) kept.Add(new ReportToKeep(database.NextId(), report, rows));
                else log.ReportOfOthers(sender?.Ascii ?? "", report.Domain.Ascii);
            }
        }
        return kept;
    }

    /// <summary>Keeps what <see cref="Read"/> answered, inside the caller's transaction.</summary>
    public void Write(Sql sql, IReadOnlyList<ReportToKeep> reports)
    {
        foreach (var (id, report, rows) in reports)
        {
            var fresh = ReportRows.Insert(sql, id, report, rows);
            sql.AfterCommit(() =>
            {
                if (fresh) log.ReportKept(report.Kind, report.Domain.Ascii, report.Organisation, report.Passed, report.Failed);
                else log.ReportRepeated(report.Kind, report.Domain.Ascii, report.Organisation, report.ReportId);
            });
        }
    }

    /// <summary>Reports whose time ends after <paramref name="since"/>, newest first; of one domain where given. At most 1,000.</summary>
    public ValueTask<IReadOnlyList<ReceivedReport>> ListAsync(DomainName? domain, DateTimeOffset since, CancellationToken cancellation) =>
        database.ReadAsync<IReadOnlyList<ReceivedReport>>(sql => ReportRows.Reports(sql, domain, since, MaxListed), cancellation);

    /// <summary>One report with its rows; null where there is none.</summary>
    public ValueTask<(ReceivedReport Report, IReadOnlyList<ReceivedRow> Rows)?> FindAsync(long id, CancellationToken cancellation) =>
        database.ReadAsync<(ReceivedReport, IReadOnlyList<ReceivedRow>)?>(sql => ReportRows.Find(sql, id) is { } report ? (report, ReportRows.Rows(sql, id)) : null, cancellation);

    /// <summary>The reports of one kind on a domain and the names below it, each with its rows, newest first.</summary>
    public ValueTask<IReadOnlyList<(ReceivedReport Report, IReadOnlyList<ReceivedRow> Rows)>> EvidenceAsync(DomainName domain, ReportKind kind, DateTimeOffset since, CancellationToken cancellation) =>
        database.ReadAsync<IReadOnlyList<(ReceivedReport, IReadOnlyList<ReceivedRow>)>>(
            sql => [.. ReportRows.Reports(sql, null, since, 100_000)
                .Where(report => report.Kind == kind && report.Domain.IsWithin(domain))
                .Select(report => (report, (IReadOnlyList<ReceivedRow>)ReportRows.Rows(sql, report.Id)))],
            cancellation);

    /// <summary>Forgets what is older than <see cref="ReportOptions.Keep"/>; answers how many reports went.</summary>
    public ValueTask<int> ForgetAsync(CancellationToken cancellation) =>
        database.WriteAsync(sql => ReportRows.Forget(sql, time.GetUtcNow() - options.Keep), cancellation);
}

/// <summary>A report ready to be kept.</summary>
/// <param name="Id">The id it will have.</param>
/// <param name="Report">The report.</param>
/// <param name="Rows">Its rows.</param>
public sealed record ReportToKeep(long Id, ReceivedReport Report, IReadOnlyList<ReceivedRow> Rows);
