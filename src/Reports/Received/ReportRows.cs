using System.Data.Common;
using Sternpost.Dns;
using Sternpost.Reports.Aggregate;
using Sternpost.Storage;

namespace Sternpost.Reports.Received;

/// <summary>The SQL of received reports.</summary>
internal static class ReportRows
{
    /// <summary>Keeps a report; false where it was there (RFC 9990 §3.5.4 leaves what to do with duplicates to the receiver).</summary>
    internal static bool Insert(Sql sql, long id, ReceivedReport report, IReadOnlyList<ReceivedRow> rows)
    {
        var fresh = sql.Execute($"""
            insert into received_reports (id, kind, domain, organisation, report_id, sender, authenticated, policy, begins, ends, received, passed, failed)
            values ({id}, {(long)report.Kind}, {report.Domain.Ascii}, {report.Organisation}, {report.ReportId}, {report.Sender}, {report.Authenticated}, {report.Policy},
                {report.Begin.ToUnixTimeMilliseconds()}, {report.End.ToUnixTimeMilliseconds()}, {report.Received.ToUnixTimeMilliseconds()}, {report.Passed}, {report.Failed})
            on conflict (kind, domain, organisation, report_id) do nothing
            """) == 1;
        if (!fresh) return false;
        for (var number = 0; number < rows.Count; number++)
        {
            var row = rows[number];
            sql.Execute($"""
                insert into report_rows (report, number, source, author, messages, disposition, dkim_aligned, spf_aligned, dkim, spf, reason)
                values ({id}, {(long)number}, {row.Source}, {row.Author}, {row.Messages}, {(long)row.Disposition}, {row.DkimAligned}, {row.SpfAligned}, {row.Dkim}, {row.Spf}, {row.Reason})
                """);
        }
        return true;
    }

    internal static List<ReceivedReport> Reports(Sql sql, DomainName? domain, DateTimeOffset since, int limit) => domain is null
        ? sql.Query($"""
            select id, kind, domain, organisation, report_id, sender, authenticated, policy, begins, ends, received, passed, failed
            from received_reports where ends >= {since.ToUnixTimeMilliseconds()} order by ends desc, id desc limit {(long)limit}
            """, Report)
        : sql.Query($"""
            select id, kind, domain, organisation, report_id, sender, authenticated, policy, begins, ends, received, passed, failed
            from received_reports where domain = {domain.Ascii} and ends >= {since.ToUnixTimeMilliseconds()} order by ends desc, id desc limit {(long)limit}
            """, Report);

    internal static ReceivedReport? Find(Sql sql, long id) => sql.First($"""
        select id, kind, domain, organisation, report_id, sender, authenticated, policy, begins, ends, received, passed, failed
        from received_reports where id = {id}
        """, Report);

    internal static List<ReceivedRow> Rows(Sql sql, long id) => sql.Query($"""
        select source, author, messages, disposition, dkim_aligned, spf_aligned, dkim, spf, reason from report_rows where report = {id} order by number
        """, Row);

    internal static int Forget(Sql sql, DateTimeOffset before)
    {
        var until = before.ToUnixTimeMilliseconds();
        sql.Execute($"delete from report_rows where report in (select id from received_reports where received < {until})");
        return sql.Execute($"delete from received_reports where received < {until}");
    }

    private static ReceivedReport Report(DbDataReader row) =>
        new(row.GetInt64(0), (ReportKind)row.GetInt64(1), DomainName.Parse(row.GetString(2)), row.GetString(3), row.GetString(4), row.GetString(5), row.GetBoolean(6))
        {
            Policy = row.GetString(7),
            Begin = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(8)),
            End = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(9)),
            Received = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(10)),
            Passed = row.GetInt64(11),
            Failed = row.GetInt64(12),
        };

    private static ReceivedRow Row(DbDataReader row) => new(row.GetString(0), row.GetString(1), row.GetInt64(2))
    {
        Disposition = (AggregateDisposition)row.GetInt64(3),
        DkimAligned = row.GetBoolean(4),
        SpfAligned = row.GetBoolean(5),
        Dkim = row.GetString(6),
        Spf = row.GetString(7),
        Reason = row.GetString(8),
    };
}
