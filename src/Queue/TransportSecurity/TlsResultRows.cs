using Sternpost.Storage;

namespace Sternpost.Queue.TransportSecurity;

/// <summary>What is counted by itself.</summary>
/// <param name="Day">Days since 1970, UTC.</param>
/// <param name="Domain">The destination.</param>
/// <param name="Policy">The policy applied, as the JSON of RFC 8460 §4.4.</param>
/// <param name="Failure">The details of a failure likewise, without their count; empty of successes.</param>
internal readonly record struct TlsResultKey(long Day, string Domain, string Policy, string Failure);

/// <summary>The statements of the results counted.</summary>
internal static class TlsResultRows
{
    internal static void Add(Sql sql, TlsResultKey key, long sessions, int most)
    {
        if (sql.Execute($"update tls_results set sessions = sessions + {sessions} where day = {key.Day} and domain = {key.Domain} and policy = {key.Policy} and failure = {key.Failure}") > 0) return;
        if (sql.First($"select count(*) from tls_results where day = {key.Day} and domain = {key.Domain}", row => row.GetInt64(0)) >= most) return;
        sql.Execute($"insert into tls_results (day, domain, policy, failure, sessions) values ({key.Day}, {key.Domain}, {key.Policy}, {key.Failure}, {sessions})");
    }

    /// <summary>Destinations with results of days before <paramref name="day"/>.</summary>
    internal static List<(long Day, string Domain)> Due(Sql sql, long day, int limit) =>
        sql.Query($"select distinct day, domain from tls_results where day < {day} order by day, domain limit {limit}", row => (row.GetInt64(0), row.GetString(1)));

    internal static List<(string Policy, string Failure, long Sessions)> Of(Sql sql, long day, string domain) =>
        sql.Query($"select policy, failure, sessions from tls_results where day = {day} and domain = {domain} order by policy, failure", row => (row.GetString(0), row.GetString(1), row.GetInt64(2)));

    internal static void Remove(Sql sql, long day, string domain) => sql.Execute($"delete from tls_results where day = {day} and domain = {domain}");
}
