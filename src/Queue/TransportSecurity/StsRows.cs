using System.Data.Common;
using Sternpost.Dns;
using Sternpost.Storage;

namespace Sternpost.Queue.TransportSecurity;

/// <summary>A policy as it is kept.</summary>
internal sealed record KeptPolicy(string Id, StsPolicy Policy, DateTimeOffset Fetched)
{
    internal DateTimeOffset Expires => Fetched + Policy.MaxAge;
}

/// <summary>The statements of the policies kept: durable, because a restart must not open the gap that MTA-STS closes (RFC 8461 §10.2).</summary>
internal static class StsRows
{
    internal static KeptPolicy? Find(Sql sql, DomainName domain) =>
        sql.First($"select policy_id, policy, fetched from sts_policies where domain = {domain.Ascii}", Policy);

    internal static void Put(Sql sql, DomainName domain, KeptPolicy kept) =>
        sql.Execute($"""
            insert into sts_policies (domain, policy_id, policy, fetched, expires)
            values ({domain.Ascii}, {kept.Id}, {kept.Policy.Text}, {kept.Fetched.ToUnixTimeMilliseconds()}, {kept.Expires.ToUnixTimeMilliseconds()})
            on conflict (domain) do update set policy_id = excluded.policy_id, policy = excluded.policy, fetched = excluded.fetched, expires = excluded.expires
            """);

    /// <summary>Domains whose policy is in force and was fetched before <paramref name="before"/>.</summary>
    internal static List<string> Aging(Sql sql, DateTimeOffset before, DateTimeOffset now, int limit) =>
        sql.Query($"select domain from sts_policies where fetched < {before.ToUnixTimeMilliseconds()} and expires > {now.ToUnixTimeMilliseconds()} order by fetched limit {limit}", row => row.GetString(0));

    internal static int RemoveExpired(Sql sql, DateTimeOffset now) => sql.Execute($"delete from sts_policies where expires <= {now.ToUnixTimeMilliseconds()}");

    // What was kept was parsed before; a text that cannot be read any more is as good as none.
    private static KeptPolicy? Policy(DbDataReader row) =>
        StsPolicy.TryParse(row.GetString(1), out var policy, out _) ? new KeptPolicy(row.GetString(0), policy, DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(2))) : null;
}
