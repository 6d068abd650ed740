using Sternpost.Storage;

namespace Sternpost.Accounts.Senders;

/// <summary>The rules about senders, as rows of an account; read by who delivers, written by who speaks with the account's owner.</summary>
public static class SenderRules
{
    /// <summary>Rules of one account.</summary>
    public const int Most = 5000;

    // A message is asked about by its address, its domains and its list.
    private const int MostDomains = 8;

    /// <summary>All rules of an account, oldest first.</summary>
    public static List<SenderRule> Of(Sql sql, long accountId) => sql.Query(
        $"select id, kind, subject, name, created from sender_rules where account_id = {accountId} order by id", Row);

    /// <summary>Writes a rule; false where the account has as many as it may. One about the same sender is replaced and keeps its id.</summary>
    public static bool Put(Sql sql, long accountId, SenderRule rule)
    {
        if (sql.First($"select count(*) from sender_rules where account_id = {accountId}", row => row.GetInt64(0)) >= Most) return false;
        sql.Execute($"""
            insert into sender_rules (id, account_id, kind, subject, name, created)
            values ({rule.Id}, {accountId}, {(long)rule.Kind}, {rule.Subject}, {rule.Name}, {rule.Created.ToUnixTimeMilliseconds()})
            on conflict (account_id, kind, subject) do update set name = excluded.name
            """);
        return true;
    }

    /// <summary>The rule of a kind about a sender; null where there is none.</summary>
    public static SenderRule? Find(Sql sql, long accountId, SenderRuleKind kind, string subject) => sql.First(
        $"select id, kind, subject, name, created from sender_rules where account_id = {accountId} and kind = {(long)kind} and subject = {subject}", Row);

    /// <summary>Takes a rule back; false where there was none.</summary>
    public static bool Delete(Sql sql, long accountId, long id) => sql.Execute($"delete from sender_rules where id = {id} and account_id = {accountId}") > 0;

    /// <summary>The rule by which a message from outside goes to Junk; null where there is none.</summary>
    /// <param name="sql">A transaction.</param>
    /// <param name="accountId">Whom it is for.</param>
    /// <param name="sender">The author's address, lower case.</param>
    /// <param name="list">The id of the list it came by (RFC 2919), lower case; empty for none.</param>
    public static SenderRule? Against(Sql sql, long accountId, string sender, string list)
    {
        // Most accounts have none.
        if (sql.First($"select count(*) from (select 1 from sender_rules where account_id = {accountId} limit 1) found", row => row.GetInt64(0)) == 0) return null;
        foreach (var subject in Subjects(sender))
        {
            if (Find(sql, accountId, SenderRuleKind.Blocked, subject) is { } rule) return rule;
        }
        if (list.Length > 0 && Find(sql, accountId, SenderRuleKind.ListLeft, list) is { } left) return left;
        // Lists without an id are known by who writes them.
        return sender.Length == 0 ? null : Find(sql, accountId, SenderRuleKind.ListLeft, sender);
    }

    /// <summary>What goes with an account that is removed.</summary>
    public static void RemoveAccount(Sql sql, long accountId) => sql.Execute($"delete from sender_rules where account_id = {accountId}");

    // The address, its domain, and the domains above that.
    private static IEnumerable<string> Subjects(string sender)
    {
        if (sender.Length == 0) yield break;
        yield return sender;
        var domain = sender[(sender.LastIndexOf('@') + 1)..];
        for (var i = 0; i < MostDomains && domain.Contains('.', StringComparison.Ordinal); i++)
        {
            yield return domain;
            domain = domain[(domain.IndexOf('.', StringComparison.Ordinal) + 1)..];
        }
    }

    private static SenderRule Row(System.Data.Common.DbDataReader row) => new(
        row.GetInt64(0), (SenderRuleKind)row.GetInt32(1), row.GetString(2), row.GetString(3), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(4)));
}
