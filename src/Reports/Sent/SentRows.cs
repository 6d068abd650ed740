using System.Security.Cryptography;
using System.Text;
using Sternpost.Dns;
using Sternpost.Storage;

namespace Sternpost.Reports.Sent;

/// <summary>The SQL of reports in the making.</summary>
internal static class SentRows
{
    internal static long Rows(Sql sql, long day) => sql.First($"select count(*) from dmarc_counts where day = {day}", row => row.GetInt64(0));

    internal static void Count(Sql sql, long day, string domain, string content, long messages)
    {
        // Contents are long for a key, and nothing is ever looked for in them.
        var key = SHA256.HashData(Encoding.UTF8.GetBytes(content))[..16];
        sql.Execute($"""
            insert into dmarc_counts (day, domain, row_key, content, messages) values ({day}, {domain}, {key}, {content}, {messages})
            on conflict (day, domain, row_key) do update set messages = dmarc_counts.messages + excluded.messages
            """);
    }

    /// <summary>The report of that day is owed, under the record seen last (RFC 9990 §3.3).</summary>
    internal static void Owe(Sql sql, long day, string domain, string record, string organisation) => sql.Execute($"""
        insert into dmarc_reports (day, domain, record, organisation) values ({day}, {domain}, {record}, {organisation})
        on conflict (day, domain) do update set record = excluded.record, organisation = excluded.organisation
        """);

    internal static List<OwedReport> Owed(Sql sql, long before, int limit) => sql.Query(
        $"select day, domain, record from dmarc_reports where outcome is null and day < {before} order by day, domain limit {(long)limit}",
        row => new OwedReport(row.GetInt64(0), DomainName.Parse(row.GetString(1)), row.GetString(2)));

    /// <summary>Content and messages of each row, those with most messages first.</summary>
    internal static List<(string Content, long Messages)> Rows(Sql sql, OwedReport report, int limit) => sql.Query(
        $"select content, messages from dmarc_counts where day = {report.Day} and domain = {report.Domain.Ascii} order by messages desc, row_key limit {(long)limit}",
        row => (row.GetString(0), row.GetInt64(1)));

    internal static void Settle(Sql sql, OwedReport report, string outcome) =>
        sql.Execute($"update dmarc_reports set outcome = {outcome} where day = {report.Day} and domain = {report.Domain.Ascii}");

    internal static void Forget(Sql sql, long before)
    {
        sql.Execute($"delete from dmarc_counts where day < {before}");
        sql.Execute($"delete from dmarc_reports where day < {before}");
    }
}

/// <summary>A report that a day's mail made due.</summary>
/// <param name="Day">The day it is of, since 1970 (UTC).</param>
/// <param name="Domain">The policy domain.</param>
/// <param name="Record">Its record, as published.</param>
internal sealed record OwedReport(long Day, DomainName Domain, string Record);
