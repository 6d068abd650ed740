using Sternpost.Storage;

namespace Sternpost.Jmap.Stores;

/// <summary>What is JMAP's own and goes with an account without more ado.</summary>
internal static class AccountRemoval
{
    internal static void Run(Sql sql, long accountId)
    {
        sql.Execute($"delete from jmap_identities where account_id = {accountId}");
        sql.Execute($"delete from jmap_push_subscriptions where account_id = {accountId}");
        sql.Execute($"delete from jmap_changes where account_id = {accountId}");
    }
}
