using System.Data.Common;
using Sternpost.Storage;

namespace Sternpost.Accounts.SecondFactors;

/// <summary>The rows of second factors.</summary>
internal static class SecondFactorRows
{
    /// <summary>The accounts that have one.</summary>
    internal static HashSet<long> Accounts(Sql sql) =>
        [.. sql.Query($"select account_id from second_factors union select account_id from passkeys", row => row.GetInt64(0))];

    internal static bool Has(Sql sql, long accountId) =>
        sql.First($"select (select count(*) from second_factors where account_id = {accountId}) + (select count(*) from passkeys where account_id = {accountId})", row => row.GetInt64(0)) > 0;

    internal static (byte[] Secret, long LastStep, DateTimeOffset Created)? Codes(Sql sql, long accountId) => sql.First(
        $"select secret, last_step, created from second_factors where account_id = {accountId}",
        row => ((byte[], long, DateTimeOffset)?)(row.GetFieldValue<byte[]>(0), row.GetInt64(1), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(2))));

    internal static List<Passkey> Passkeys(Sql sql, long accountId) =>
        sql.Query($"select id, account_id, credential, public_key, counter, host, name, created, used from passkeys where account_id = {accountId} order by created", Passkey);

    internal static Passkey? Passkey(Sql sql, byte[] credential) =>
        sql.First($"select id, account_id, credential, public_key, counter, host, name, created, used from passkeys where credential = {credential}", Passkey);

    internal static void Remove(Sql sql, long accountId)
    {
        sql.Execute($"delete from second_factors where account_id = {accountId}");
        sql.Execute($"delete from passkeys where account_id = {accountId}");
        sql.Execute($"delete from recovery_codes where account_id = {accountId}");
    }

    private static Passkey Passkey(DbDataReader row) => new(
        row.GetInt64(0), row.GetInt64(1), row.GetFieldValue<byte[]>(2), row.GetFieldValue<byte[]>(3), (uint)row.GetInt64(4), row.GetString(5), row.GetString(6),
        DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(7)), row.IsDBNull(8) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(8)));
}
