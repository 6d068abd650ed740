using Sternpost.Accounts;
using Sternpost.Jmap.Protocol;
using Sternpost.Storage;

namespace Sternpost.Jmap.Stores;

/// <summary>Where an account's changes are pushed to (RFC 8620 §7.2). Types are joined by commas; null means all.</summary>
internal sealed record PushTarget(
    long Id, long AccountId, string Credential, string Device, string Url, string? P256dh, string? Auth, string Verification, bool IsVerified, DateTimeOffset Expires, string? Types);

/// <summary>The push subscriptions.</summary>
internal sealed class PushStore(Database database)
{
    internal const int MostPerAccount = 20;

    internal long NewId() => database.NextId();

    internal ValueTask<List<PushTarget>> OfAsync(long accountId, string credential, CancellationToken cancellation) =>
        database.ReadAsync(sql => Of(sql, accountId).FindAll(target => target.Credential == credential), cancellation);

    /// <summary>All that have not expired, of all accounts; without those of a browser's sign-in that has ended since (RFC 8620 §7.2).</summary>
    internal ValueTask<List<PushTarget>> AllAsync(DateTimeOffset now, CancellationToken cancellation) => database.ReadAsync(
        sql =>
        {
            var milliseconds = now.ToUnixTimeMilliseconds();
            var targets = sql.Query(
                $"select id, account_id, credential, device, url, p256dh, auth, verification, is_verified, expires, types from jmap_push_subscriptions where expires > {milliseconds}", Row);
            if (targets.Count == 0) return targets;
            var sessions = sql.Query(
                $"select s.id, a.sessions_from, a.status from web_sessions s join accounts a on a.id = s.account_id where s.expires > {milliseconds}",
                row => (Id: row.GetInt64(0), From: DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(1)), IsActive: (AccountStatus)row.GetInt32(2) == AccountStatus.Active))
                .Where(session => session.IsActive && Database.TimeOf(session.Id) >= session.From).Select(session => RequestScope.OfSession(session.Id)).ToHashSet(StringComparer.Ordinal);
            return targets.FindAll(target => !RequestScope.IsOfSession(target.Credential) || sessions.Contains(target.Credential));
        },
        cancellation);

    internal ValueTask<T> WriteAsync<T>(Func<Sql, T> work, CancellationToken cancellation) => database.WriteAsync(work, cancellation);

    internal static List<PushTarget> Of(Sql sql, long accountId) => sql.Query(
        $"select id, account_id, credential, device, url, p256dh, auth, verification, is_verified, expires, types from jmap_push_subscriptions where account_id = {accountId} order by id", Row);

    internal static void Put(Sql sql, PushTarget target)
    {
        Delete(sql, target.AccountId, target.Id);
        sql.Execute($"""
            insert into jmap_push_subscriptions (id, account_id, credential, device, url, p256dh, auth, verification, is_verified, expires, types)
            values ({target.Id}, {target.AccountId}, {target.Credential}, {target.Device}, {target.Url}, {target.P256dh}, {target.Auth}, {target.Verification}, {target.IsVerified}, {target.Expires.ToUnixTimeMilliseconds()}, {target.Types})
            """);
    }

    internal static bool Delete(Sql sql, long accountId, long id) => sql.Execute($"delete from jmap_push_subscriptions where id = {id} and account_id = {accountId}") > 0;

    internal static void DeleteExpired(Sql sql, DateTimeOffset now) => sql.Execute($"delete from jmap_push_subscriptions where expires <= {now.ToUnixTimeMilliseconds()}");

    private static PushTarget Row(System.Data.Common.DbDataReader row) => new(
        row.GetInt64(0), row.GetInt64(1), row.GetString(2), row.GetString(3), row.GetString(4), row.IsDBNull(5) ? null : row.GetString(5), row.IsDBNull(6) ? null : row.GetString(6),
        row.GetString(7), row.GetBoolean(8), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(9)), row.IsDBNull(10) ? null : row.GetString(10));
}
