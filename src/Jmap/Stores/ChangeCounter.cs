using Sternpost.Storage;

namespace Sternpost.Jmap.Stores;

/// <summary>Kinds of object that have states of their own.</summary>
internal enum CountedKind
{
    Identity = 1,
    Submission = 2,
    SenderRule = 3,
    Label = 11,
    MaskedAddress = 4,
}

/// <summary>What a row says.</summary>
internal enum CountedChange
{
    Created = 1,
    Updated = 2,
    Destroyed = 3,
}

/// <summary>States and changes of objects that are neither mail nor mailboxes (RFC 8620 §5.2).</summary>
internal static class ChangeCounter
{
    private const int Kept = 5000;

    internal static void Note(Sql sql, long accountId, CountedKind kind, long objectId, CountedChange what)
    {
        var seq = State(sql, accountId, kind) + 1;
        sql.Execute($"insert into jmap_changes (account_id, kind, seq, object_id, what) values ({accountId}, {(long)kind}, {seq}, {objectId}, {(long)what})");
        if (seq % 100 == 0) sql.Execute($"delete from jmap_changes where account_id = {accountId} and kind = {(long)kind} and seq <= {seq - Kept}");
    }

    internal static long State(Sql sql, long accountId, CountedKind kind) =>
        sql.First($"select max(seq) from jmap_changes where account_id = {accountId} and kind = {(long)kind}", row => row.IsDBNull(0) ? 0 : row.GetInt64(0));

    /// <summary>What became of which object since a state, and the state that leads to; null where that cannot be told.</summary>
    internal static (long NewState, bool HasMore, List<long> Created, List<long> Updated, List<long> Destroyed)? Since(Sql sql, long accountId, CountedKind kind, long since, int most)
    {
        var now = State(sql, accountId, kind);
        var floor = sql.First($"select min(seq) from jmap_changes where account_id = {accountId} and kind = {(long)kind}", row => row.IsDBNull(0) ? 0 : row.GetInt64(0) - 1);
        if (since > now || since < floor) return null;
        var objects = new Dictionary<long, (bool IsNew, bool IsGone)>();
        var (upTo, more) = (now, false);
        foreach (var (seq, id, what) in sql.Query(
            $"select seq, object_id, what from jmap_changes where account_id = {accountId} and kind = {(long)kind} and seq > {since} order by seq",
            row => (row.GetInt64(0), row.GetInt64(1), (CountedChange)row.GetInt32(2))))
        {
            if (!objects.ContainsKey(id) && objects.Count == most)
            {
                (upTo, more) = (seq - 1, true);
                break;
            }
            objects[id] = (objects.TryGetValue(id, out var known) ? known.IsNew : what == CountedChange.Created, what == CountedChange.Destroyed);
        }
        return (upTo, more,
            [.. objects.Where(item => item.Value is { IsNew: true, IsGone: false }).Select(item => item.Key)],
            [.. objects.Where(item => item.Value is { IsNew: false, IsGone: false }).Select(item => item.Key)],
            [.. objects.Where(item => item.Value is { IsNew: false, IsGone: true }).Select(item => item.Key)]);
    }
}
