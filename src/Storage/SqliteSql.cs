using System.Data.Common;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

namespace Sternpost.Storage;

/// <summary>Statements on one SQLite connection; each text is prepared once and kept, because preparing costs more than most runs.</summary>
internal sealed class SqliteSql(SqliteConnection connection, bool writer) : Sql, IDisposable
{
    // Statement texts are literals of this program, so the cache has a natural bound; the limit guards against a caller who builds them.
    private const int MaxPrepared = 512;

    private readonly Dictionary<string, SqliteCommand> prepared = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SqliteCommand> control = new(StringComparer.Ordinal);
    private List<Action> afterCommit = [];

    public override int Execute(SqlText text) => Bind(text).ExecuteNonQuery();

    public override List<T> Query<T>(SqlText text, Func<DbDataReader, T> row)
    {
        var rows = new List<T>();
        using var reader = Bind(text).ExecuteReader();
        while (reader.Read()) rows.Add(row(reader));
        return rows;
    }

    public override T? First<T>(SqlText text, Func<DbDataReader, T> row) where T : default
    {
        using var reader = Bind(text).ExecuteReader();
        return reader.Read() ? row(reader) : default;
    }

    public override void AfterCommit(Action action)
    {
        if (!writer) throw new InvalidOperationException("A read transaction commits nothing.");
        afterCommit.Add(action);
    }

    internal List<Action> BeginGroup() => afterCommit = [];

    /// <summary>Transaction control: begin, commit, savepoint.</summary>
    internal void Control(string statement)
    {
        if (!control.TryGetValue(statement, out var command))
        {
            command = connection.CreateCommand();
            command.CommandText = statement;
            control[statement] = command;
        }
        command.ExecuteNonQuery();
    }

    /// <summary>After a failed group; SQLite may already have rolled back by itself.</summary>
    internal void TryRollback()
    {
        try
        {
            Control("rollback");
        }
        catch (SqliteException)
        {
            // "no transaction is active": what we wanted.
        }
    }

    public void Dispose()
    {
        foreach (var command in prepared.Values) command.Dispose();
        foreach (var command in control.Values) command.Dispose();
        connection.Dispose();
    }

    private SqliteCommand Bind(SqlText text)
    {
        var statement = text.Text;
        var values = text.Parameters;
        if (!prepared.TryGetValue(statement, out var command))
        {
            if (prepared.Count >= MaxPrepared)
            {
                foreach (var old in prepared.Values) old.Dispose();
                prepared.Clear();
            }
            command = connection.CreateCommand();
            command.CommandText = statement;
            for (var i = 0; i < values.Count; i++) command.Parameters.Add(new SqliteParameter { ParameterName = "@p" + i });
            prepared[statement] = command;
        }
        for (var i = 0; i < values.Count; i++)
        {
            var parameter = command.Parameters[i];
            parameter.ResetSqliteType();
            parameter.Value = values[i] switch
            {
                null => DBNull.Value,
                ReadOnlyMemory<byte> bytes => Exactly(bytes),
                bool truth => truth ? 1L : 0L,
                int number => (long)number,
                uint number => (long)number,
                var value => value,
            };
        }
        return command;
    }

    private static byte[] Exactly(ReadOnlyMemory<byte> bytes) =>
        MemoryMarshal.TryGetArray(bytes, out var segment) && segment.Array is { } array && segment.Offset == 0 && segment.Count == array.Length
            ? array
            : bytes.ToArray();
}
