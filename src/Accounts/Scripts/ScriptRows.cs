using Sternpost.Storage;

namespace Sternpost.Accounts.Scripts;

/// <summary>The rows of Sieve scripts, and the count of their changes.</summary>
internal static class ScriptRows
{
    internal static List<StoredScript> All(Sql sql, long accountId) => sql.Query(
        $"select name, is_active, size, created, changed from sieve_scripts where account_id = {accountId} order by name",
        row => new StoredScript(ScriptName.Stored(row.GetString(0)), row.GetBoolean(1), row.GetInt64(2), Time(row.GetInt64(3)), Time(row.GetInt64(4))));

    /// <summary>The id of a script and whether it is active; null where there is none of the name.</summary>
    internal static (long Id, bool IsActive)? Find(Sql sql, long accountId, ScriptName name) => sql.First(
        $"select id, is_active from sieve_scripts where account_id = {accountId} and name = {name.Value}", row => ((long, bool)?)(row.GetInt64(0), row.GetBoolean(1)));

    internal static byte[]? Content(Sql sql, long accountId, ScriptName name) => sql.First(
        $"select content from sieve_scripts where account_id = {accountId} and name = {name.Value}", row => row.GetFieldValue<byte[]>(0));

    internal static ActiveScript? Active(Sql sql, long accountId) => sql.First(
        $"""
        select name, coalesce((select version from sieve_changes where account_id = {accountId}), 0), content
        from sieve_scripts where account_id = {accountId} and is_active
        """,
        row => new ActiveScript(ScriptName.Stored(row.GetString(0)), row.GetInt64(1), row.GetFieldValue<byte[]>(2)));

    /// <summary>How many changes there were in all.</summary>
    internal static long Version(Sql sql) => sql.First($"select version from sieve_version where id = 1", row => row.GetInt64(0));

    /// <summary>The accounts changed since, each with the version of its last change.</summary>
    internal static List<(long AccountId, long Version)> ChangedSince(Sql sql, long version) =>
        sql.Query($"select account_id, version from sieve_changes where version > {version}", row => (row.GetInt64(0), row.GetInt64(1)));

    /// <summary>Tells every process that what it remembers of the account's scripts is old; part of each changing transaction.</summary>
    internal static void RaiseVersion(Sql sql, long accountId)
    {
        sql.Execute($"update sieve_version set version = version + 1 where id = 1");
        var version = Version(sql);
        sql.Execute($"insert into sieve_changes (account_id, version) values ({accountId}, {version}) on conflict (account_id) do update set version = excluded.version");
    }

    /// <summary>Forgets an account that is being removed.</summary>
    internal static void RemoveAccount(Sql sql, long accountId)
    {
        sql.Execute($"delete from sieve_scripts where account_id = {accountId}");
        sql.Execute($"delete from sieve_changes where account_id = {accountId}");
        ScriptSightings.RemoveAccount(sql, accountId);
    }

    private static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}
