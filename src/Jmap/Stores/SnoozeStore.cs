using Sternpost.Storage;

namespace Sternpost.Jmap.Stores;

/// <summary>Which emails wait for which time; it survives a restart.</summary>
internal sealed class SnoozeStore(Database database)
{
    // What is due at once is taken in pieces.
    private const int AtOnce = 200;

    internal ValueTask<List<(long EmailId, DateTimeOffset Until)>> OfAsync(long accountId, CancellationToken cancellation) => database.ReadAsync(
        sql => sql.Query($"select email_id, until from snoozed_emails where account_id = {accountId} order by until", row => (row.GetInt64(0), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(1)))), cancellation);

    internal static void Put(Sql sql, long accountId, long emailId, DateTimeOffset until) => sql.Execute(
        $"insert into snoozed_emails (account_id, email_id, until) values ({accountId}, {emailId}, {until.ToUnixTimeMilliseconds()}) on conflict (account_id, email_id) do update set until = excluded.until");

    internal static void Delete(Sql sql, long accountId, long emailId) => sql.Execute($"delete from snoozed_emails where account_id = {accountId} and email_id = {emailId}");

    internal ValueTask<List<(long AccountId, long EmailId)>> DueAsync(DateTimeOffset now, CancellationToken cancellation) => database.ReadAsync(
        sql => sql.Query($"select account_id, email_id from snoozed_emails where until <= {now.ToUnixTimeMilliseconds()} order by until limit {(long)AtOnce}", row => (row.GetInt64(0), row.GetInt64(1))), cancellation);

    internal ValueTask<DateTimeOffset?> NextAsync(CancellationToken cancellation) => database.ReadAsync(
        sql => sql.First($"select min(until) from snoozed_emails", row => row.IsDBNull(0) ? (DateTimeOffset?)null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(0))), cancellation);

    internal static void RemoveAccount(Sql sql, long accountId) => sql.Execute($"delete from snoozed_emails where account_id = {accountId}");
}
