using Sternpost.Storage;

namespace Sternpost.Accounts.Sites;

/// <summary>The rows of sites.</summary>
internal static class SiteRows
{
    /// <summary>All sites by account.</summary>
    internal static Dictionary<long, Site> All(Sql sql)
    {
        var addresses = sql.Query($"select account_id, pattern from site_addresses order by pattern", row => (Account: row.GetInt64(0), Pattern: row.GetString(1))).ToLookup(one => one.Account, one => one.Pattern);
        return sql.Query(
            $"""
            select account_id, address, user_name, folder, replies_to, new_scripts, blind_copies, per_hour, per_day
            from sites join accounts on accounts.id = sites.account_id order by address
            """,
            row => new Site(row.GetInt64(0), AddressKey.Read(row.GetString(1)), row.GetString(2), row.GetString(3), row.GetString(4) is { Length: > 0 } replies ? AddressKey.Read(replies) : null,
                (NewScripts)row.GetInt64(5), row.GetInt32(6), row.GetInt32(7), row.GetInt32(8), [.. addresses[row.GetInt64(0)]])).ToDictionary(site => site.AccountId);
    }

    internal static void Write(Sql sql, Site site)
    {
        sql.Execute($"delete from sites where account_id = {site.AccountId}");
        sql.Execute($"delete from site_addresses where account_id = {site.AccountId}");
        sql.Execute(
            $"""
            insert into sites (account_id, user_name, folder, replies_to, new_scripts, blind_copies, per_hour, per_day)
            values ({site.AccountId}, {site.UserName}, {site.Folder}, {site.RepliesTo?.Key ?? ""}, {(long)site.NewScripts}, {site.BlindCopies}, {site.PerHour}, {site.PerDay})
            """);
        foreach (var pattern in site.Addresses) sql.Execute($"insert into site_addresses (account_id, pattern) values ({site.AccountId}, {pattern})");
    }

    internal static void Remove(Sql sql, long accountId)
    {
        sql.Execute($"delete from site_holds where script_id in (select id from site_scripts where account_id = {accountId})");
        sql.Execute($"delete from site_counts where script_id in (select id from site_scripts where account_id = {accountId})");
        sql.Execute($"delete from site_scripts where account_id = {accountId}");
        sql.Execute($"delete from submission_keys where account_id = {accountId}");
        sql.Execute($"delete from site_addresses where account_id = {accountId}");
        sql.Execute($"delete from sites where account_id = {accountId}");
    }
}
