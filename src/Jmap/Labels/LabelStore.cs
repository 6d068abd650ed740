using Sternpost.Storage;

namespace Sternpost.Jmap.Labels;

/// <summary>The labels of accounts, inside transactions.</summary>
internal static class LabelStore
{
    /// <summary>Labels of one account.</summary>
    internal const int Most = 100;

    /// <summary>The labels of an account: those it has from the start, as its owner changed them, and its own.</summary>
    internal static List<Label> Of(Sql sql, long accountId)
    {
        var rows = sql.Query(
            $"select id, keyword, name, color, is_gone from labels where account_id = {accountId} order by id",
            row => (Label: new Label(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3)), IsGone: row.GetBoolean(4)));
        var changed = rows.Select(row => row.Label.Id).ToHashSet();
        return [.. Label.Standard.Where(label => !changed.Contains(label.Id)), .. rows.Where(row => !row.IsGone).Select(row => row.Label)];
    }

    internal static void Put(Sql sql, long accountId, Label label, bool isGone = false) => sql.Execute($"""
        insert into labels (account_id, id, keyword, name, color, is_gone) values ({accountId}, {label.Id}, {label.Keyword}, {label.Name}, {label.Color}, {isGone})
        on conflict (account_id, id) do update set name = excluded.name, color = excluded.color, is_gone = excluded.is_gone
        """);

    /// <summary>Takes a label away. Of one that every account has it stays written down that it is gone.</summary>
    internal static void Remove(Sql sql, long accountId, Label label)
    {
        if (label.Id <= Label.Standard.Count) Put(sql, accountId, label, isGone: true);
        else sql.Execute($"delete from labels where account_id = {accountId} and id = {label.Id}");
    }

    internal static void RemoveAccount(Sql sql, long accountId) => sql.Execute($"delete from labels where account_id = {accountId}");
}
