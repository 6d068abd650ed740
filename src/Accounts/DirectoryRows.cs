using System.Data.Common;
using System.Security.Cryptography;
using Sternpost.Accounts.Grants;
using Sternpost.Dns;
using Sternpost.Messages.Addresses;
using Sternpost.Storage;

namespace Sternpost.Accounts;

/// <summary>The rows of the directory as the records other rooms know, and the version that every change raises.</summary>
internal static class DirectoryRows
{
    private const string SecretName = "salts of unknown names";
    private const int SecretSize = 32;

    internal static List<LocalDomain> Domains(Sql sql) =>
        sql.Query($"select id, name, created from domains order by name", row => new LocalDomain(row.GetInt64(0), DomainName.Parse(row.GetString(1)), Time(row.GetInt64(2))));

    /// <summary>The id of a local domain, or null.</summary>
    internal static long? DomainId(Sql sql, DomainName name) => sql.First($"select id from domains where name = {name.Ascii}", row => (long?)row.GetInt64(0));

    internal static List<Account> Accounts(Sql sql, long? domainId) =>
        domainId is { } id
            ? sql.Query($"select id, address, display_name, status, administrator, quota_bytes, used_bytes, created from accounts where domain_id = {id} and id not in (select account_id from sites) order by address", Account)
            : sql.Query($"select id, address, display_name, status, administrator, quota_bytes, used_bytes, created from accounts where id not in (select account_id from sites) order by address", Account);

    /// <summary>Reads id, address, display_name, status, administrator, quota_bytes, used_bytes and created, in this order.</summary>
    internal static Account Account(DbDataReader row) => new(row.GetInt64(0), AddressKey.Read(row.GetString(1)), row.GetString(2), (AccountStatus)row.GetInt64(3),
        row.GetBoolean(4), row.GetInt64(5), row.GetInt64(6), Time(row.GetInt64(7)));

    internal static List<MailAlias> Aliases(Sql sql, long? domainId) =>
        domainId is { } id
            ? sql.Query($"select id, pattern, target from aliases where domain_id = {id} order by pattern, target", Alias)
            : sql.Query($"select id, pattern, target from aliases order by pattern, target", Alias);

    /// <summary>The aliases with this address or a subaddress of it as their target.</summary>
    internal static IEnumerable<MailAlias> AliasesTo(Sql sql, EmailAddress address)
    {
        var start = address.LocalPart.ToLowerInvariant() + AddressKey.Detail;
        return sql.Query($"select id, pattern, target from aliases where target = {address.Key} or substr(target, 1, {start.Length}) = {start}", Alias)
            .Where(alias => alias.Target.Domain == address.Domain);
    }

    /// <summary>What accounts may send as beside their own addresses; of one account where given.</summary>
    internal static List<SenderGrant> Grants(Sql sql, long? account) =>
        account is { } id
            ? sql.Query($"select id, account_id, pattern, created from sender_grants where account_id = {id} order by pattern", Grant)
            : sql.Query($"select id, account_id, pattern, created from sender_grants order by account_id, pattern", Grant);

    internal static byte[]? Secret(Sql sql) => sql.First($"select value from directory_secrets where name = {SecretName}", row => row.GetFieldValue<byte[]>(0));

    /// <summary>Makes the installation's secret where there is none yet.</summary>
    internal static void EnsureSecret(Sql sql) =>
        sql.Execute($"insert into directory_secrets (name, value) values ({SecretName}, {RandomNumberGenerator.GetBytes(SecretSize)}) on conflict (name) do nothing");

    /// <summary>Tells every process that its snapshot is old; part of each changing transaction.</summary>
    internal static void RaiseVersion(Sql sql) => sql.Execute($"update directory_version set version = version + 1 where id = 1");

    private static MailAlias Alias(DbDataReader row) => new(row.GetInt64(0), row.GetString(1), AddressKey.Read(row.GetString(2)));

    private static SenderGrant Grant(DbDataReader row) => new(row.GetInt64(0), row.GetInt64(1), row.GetString(2), Time(row.GetInt64(3)));

    private static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}
