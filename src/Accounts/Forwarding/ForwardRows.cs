using Sternpost.Messages.Addresses;
using Sternpost.Storage;

namespace Sternpost.Accounts.Forwarding;

/// <summary>The rows of forwards that owners of accounts made.</summary>
internal static class ForwardRows
{
    internal static Forward? Of(Sql sql, long accountId) => sql.First(
        $"select address, keeps, changed from forwards where account_id = {accountId}", row => Read(row.GetString(0), row.GetBoolean(1), row.GetInt64(2)));

    /// <summary>Of all accounts, those of which mail is sent on.</summary>
    internal static Dictionary<long, Forward> All(Sql sql) => sql.Query(
        $"select account_id, address, keeps, changed from forwards", row => (Id: row.GetInt64(0), Forward: Read(row.GetString(1), row.GetBoolean(2), row.GetInt64(3))))
        .Where(row => row.Forward is not null).ToDictionary(row => row.Id, row => row.Forward!);

    internal static List<ForwardAddress> Addresses(Sql sql, long accountId) =>
    [
        .. sql.Query(
            $"select address, created, confirmed, expires from forward_addresses where account_id = {accountId} order by created",
            row => EmailAddress.TryParse(row.GetString(0), out var address) ? new ForwardAddress(address, Time(row.GetInt64(1)), row.IsDBNull(2) ? null : Time(row.GetInt64(2)), Time(row.GetInt64(3))) : null).OfType<ForwardAddress>(),
    ];

    internal static void Ask(Sql sql, long accountId, EmailAddress address, byte[]? code, DateTimeOffset now, DateTimeOffset expires) => sql.Execute($"""
        insert into forward_addresses (account_id, address_key, address, created, confirmed, code, expires, tries)
        values ({accountId}, {address.Key}, {address.ToString()}, {now.ToUnixTimeMilliseconds()}, {(long?)null}, {code}, {expires.ToUnixTimeMilliseconds()}, {0L})
        on conflict (account_id, address_key) do update set address = excluded.address, created = excluded.created, code = excluded.code, expires = excluded.expires, tries = excluded.tries
        """);

    internal static (byte[] Code, DateTimeOffset Expires, int Tries)? Code(Sql sql, long accountId, EmailAddress address) => sql.First(
        $"select code, expires, tries from forward_addresses where account_id = {accountId} and address_key = {address.Key} and code is not null and confirmed is null",
        row => ((byte[], DateTimeOffset, int)?)(row.GetFieldValue<byte[]>(0), Time(row.GetInt64(1)), row.GetInt32(2)));

    internal static void Tried(Sql sql, long accountId, EmailAddress address, int tries) => sql.Execute($"update forward_addresses set tries = {(long)tries} where account_id = {accountId} and address_key = {address.Key}");

    internal static void Confirm(Sql sql, long accountId, EmailAddress address, DateTimeOffset now) =>
        sql.Execute($"update forward_addresses set confirmed = {now.ToUnixTimeMilliseconds()}, code = {(byte[]?)null} where account_id = {accountId} and address_key = {address.Key}");

    internal static bool Remove(Sql sql, long accountId, EmailAddress address) => sql.Execute($"delete from forward_addresses where account_id = {accountId} and address_key = {address.Key}") > 0;

    internal static void Start(Sql sql, long accountId, EmailAddress target, bool keeps, DateTimeOffset now) => sql.Execute($"""
        insert into forwards (account_id, address, keeps, changed) values ({accountId}, {target.ToString()}, {keeps}, {now.ToUnixTimeMilliseconds()})
        on conflict (account_id) do update set address = excluded.address, keeps = excluded.keeps, changed = excluded.changed
        """);

    internal static void Stop(Sql sql, long accountId) => sql.Execute($"delete from forwards where account_id = {accountId}");

    internal static (long OfAccount, long ToAddress) Codes(Sql sql, long accountId, EmailAddress address) => (
        sql.First($"select count(*) from forward_codes where account_id = {accountId}", row => row.GetInt64(0)),
        sql.First($"select count(*) from forward_codes where address_key = {address.Key}", row => row.GetInt64(0)));

    internal static void NoteCode(Sql sql, long id, long accountId, EmailAddress address) => sql.Execute($"insert into forward_codes (id, account_id, address_key) values ({id}, {accountId}, {address.Key})");

    internal static void ForgetCodes(Sql sql, long before) => sql.Execute($"delete from forward_codes where id < {before}");

    internal static void RemoveAccount(Sql sql, long accountId)
    {
        sql.Execute($"delete from forwards where account_id = {accountId}");
        sql.Execute($"delete from forward_addresses where account_id = {accountId}");
    }

    private static Forward? Read(string address, bool keeps, long changed) => EmailAddress.TryParse(address, out var target) ? new Forward(target, keeps, Time(changed)) : null;

    private static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}
