using System.Reflection;
using Microsoft.Data.Sqlite;

namespace Sternpost.Storage;

/// <summary>
/// The schema is the numbered texts in Schema/, applied once each in order and never changed after a release: a database of any
/// earlier release opens by applying the ones it lacks.
/// </summary>
internal static class Schema
{
    private const string Prefix = "Schema.";

    internal static void Migrate(SqliteConnection connection, TimeProvider time) => Migrate(connection, time, Steps());

    /// <summary>Applies the steps that are not recorded yet, all or none.</summary>
    internal static void Migrate(SqliteConnection connection, TimeProvider time, IReadOnlyList<(long Number, string Name, string Text)> steps)
    {
        Run(connection, "begin immediate");
        Run(connection, "create table if not exists schema_steps (number bigint primary key, name text not null, applied bigint not null)");
        var applied = new HashSet<long>();
        using (var query = connection.CreateCommand())
        {
            query.CommandText = "select number from schema_steps";
            using var rows = query.ExecuteReader();
            while (rows.Read()) applied.Add(rows.GetInt64(0));
        }
        if (applied.Except(steps.Select(step => step.Number)).Any())
        {
            Run(connection, "rollback");
            throw new InvalidOperationException("This data folder was written by a newer Sternpost. Install that release, or restore the backup made before the upgrade.");
        }
        foreach (var (number, name, text) in steps.Where(step => !applied.Contains(step.Number)))
        {
            Run(connection, text);
            using var record = connection.CreateCommand();
            record.CommandText = "insert into schema_steps (number, name, applied) values (@number, @name, @applied)";
            record.Parameters.AddWithValue("@number", number);
            record.Parameters.AddWithValue("@name", name);
            record.Parameters.AddWithValue("@applied", time.GetUtcNow().ToUnixTimeMilliseconds());
            record.ExecuteNonQuery();
        }
        Run(connection, "commit");
    }

    internal static List<(long Number, string Name, string Text)> Steps()
    {
        var assembly = Assembly.GetExecutingAssembly();
        var steps = new List<(long, string, string)>();
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            var name = resource[Prefix.Length..^4];
            steps.Add((long.Parse(name[..4]), name, ForSqlite(reader.ReadToEnd())));
        }
        return steps;
    }

    // The texts are PostgreSQL's as they stand. SQLite stores what it is given, so 'bytea' needs no translation; but only
    // "integer primary key" makes the id the table's own key (8 bytes in SQLite too) instead of a second index, and a table
    // read by ranges of its key is kept in that order, which PostgreSQL has no word for.
    private static string ForSqlite(string text) => text
        .Replace("bigint primary key", "integer primary key", StringComparison.Ordinal)
        .Replace("bigint not null primary key", "integer primary key", StringComparison.Ordinal)
        .Replace("/* clustered */", "without rowid", StringComparison.Ordinal);

    private static void Run(SqliteConnection connection, string text)
    {
        using var command = connection.CreateCommand();
        command.CommandText = text;
        command.ExecuteNonQuery();
    }
}
