using Sternpost.Storage;

namespace Sternpost.Queue.Reputation;

/// <summary>What the queue has found out about itself and keeps across restarts, for itself and for commands: a name and a value.</summary>
internal static class QueueFacts
{
    internal static (string? Value, DateTimeOffset Changed) Read(Sql sql, string name) =>
        sql.First($"select value, changed from queue_facts where name = {name}", row => ((string?)row.GetString(0), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(1))));

    internal static List<(string Name, string Value, DateTimeOffset Changed)> Under(Sql sql, string prefix) =>
        sql.Query($"select name, value, changed from queue_facts where name >= {prefix} and name < {prefix + "~"} order by name", row => (row.GetString(0), row.GetString(1), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(2))));

    internal static int Write(Sql sql, string name, string value, DateTimeOffset now) => sql.Execute($"""
        insert into queue_facts (name, value, changed) values ({name}, {value}, {now.ToUnixTimeMilliseconds()})
        on conflict (name) do update set value = excluded.value, changed = excluded.changed
        """);

    internal static int Forget(Sql sql, string name) => sql.Execute($"delete from queue_facts where name = {name}");
}
