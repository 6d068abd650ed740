using Sternpost.Mailboxes.Names;
using Sternpost.Storage;

namespace Sternpost.Mailboxes.Rows;

/// <summary>
/// Subscriptions to names whose mailbox was deleted: the server must not take them away by itself (RFC 9051 §6.3.7), and a mailbox
/// made again under the name is subscribed at once.
/// </summary>
internal static class LostSubscriptions
{
    /// <summary>Keeps the name; beyond <paramref name="most"/> names nothing more is kept, which bounds what one account can store.</summary>
    internal static void Keep(Sql sql, long accountId, string name, int most) => sql.Execute(
        $"""
        insert into lost_subscriptions (account_id, name) select {accountId}, {name}
        where (select count(*) from lost_subscriptions where account_id = {accountId}) < {most}
        on conflict do nothing
        """);

    /// <summary>Forgets the name; false where it was not kept.</summary>
    internal static bool Take(Sql sql, long accountId, MailboxName name)
    {
        if (sql.First($"select 1 from lost_subscriptions where account_id = {accountId} and name = {name.Text}", row => row.GetInt32(0)) == 0) return false;
        sql.Execute($"delete from lost_subscriptions where account_id = {accountId} and name = {name.Text}");
        return true;
    }

    internal static List<string> OfAccount(Sql sql, long accountId) =>
        sql.Query($"select name from lost_subscriptions where account_id = {accountId} order by name", row => row.GetString(0));

    internal static void DeleteAll(Sql sql, long accountId) => sql.Execute($"delete from lost_subscriptions where account_id = {accountId}");
}
