using System.Data.Common;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Sternpost.Storage;

/// <summary>Statements on one SQLite connection; each is prepared once and kept, because preparing costs more than most runs.</summary>
internal sealed class SqliteSql : Sql, IDisposable
{
    // Statements are literals of this program, so the cache has a natural bound; the limit guards against a caller who builds them.
    private const int MaxPrepared = 1024;

    private readonly SqliteConnection connection;
    private readonly sqlite3 handle;
    private readonly bool isWriter;
    private readonly Dictionary<int, List<Prepared>> prepared = [];
    private readonly Dictionary<string, SqliteStatement> control = new(StringComparer.Ordinal);
    private int preparedCount;
    private List<Action> afterCommit = [];

    internal SqliteSql(SqliteConnection connection, bool writer)
    {
        this.connection = connection;
        handle = connection.Handle ?? throw new ArgumentException("The connection is not open.", nameof(connection));
        isWriter = writer;
    }

    public override int Execute(SqlText text)
    {
        var statement = Begin(text);
        try
        {
            while (statement.Step())
            {
                // A statement with "returning" whose rows nobody wants.
            }
            return raw.sqlite3_changes(handle);
        }
        finally
        {
            End(statement);
        }
    }

    public override List<T> Query<T>(SqlText text, Func<DbDataReader, T> row)
    {
        var rows = new List<T>();
        var statement = Begin(text);
        try
        {
            while (statement.Step()) rows.Add(row(statement.Row));
            return rows;
        }
        finally
        {
            End(statement);
        }
    }

    public override T? First<T>(SqlText text, Func<DbDataReader, T> row) where T : default
    {
        var statement = Begin(text);
        try
        {
            if (!statement.Step()) return default;
            var first = row(statement.Row);
            // A change is only complete when it has been run to its end.
            while (!statement.IsReadOnly && statement.Step())
            {
            }
            return first;
        }
        finally
        {
            End(statement);
        }
    }

    public override void AfterCommit(Action action)
    {
        if (!isWriter) throw new InvalidOperationException("A read transaction commits nothing.");
        afterCommit.Add(action);
    }

    internal List<Action> BeginGroup() => afterCommit = [];

    /// <summary>Transaction control: begin, commit, savepoint.</summary>
    internal void Control(string text)
    {
        if (!control.TryGetValue(text, out var statement)) control[text] = statement = new SqliteStatement(handle, text);
        try
        {
            statement.Step();
        }
        finally
        {
            statement.Reset();
        }
    }

    /// <summary>False also where SQLite has rolled back by itself, as it does on a full disk.</summary>
    internal bool IsInTransaction => raw.sqlite3_get_autocommit(handle) == 0;

    /// <summary>After a failed group.</summary>
    internal void TryRollback()
    {
        if (IsInTransaction) Control("rollback");
    }

    public void Dispose()
    {
        Forget();
        foreach (var statement in control.Values) statement.Dispose();
        connection.Dispose();
    }

    private SqliteStatement Begin(SqlText text)
    {
        var pieces = text.Pieces;
        try
        {
            var statement = Find(pieces);
            // A row's mapping may run the same statement again; that one is prepared anew and thrown away after.
            if (statement.IsInUse) statement = new SqliteStatement(handle, pieces.Text());
            statement.Bind(pieces.Values);
            return statement;
        }
        finally
        {
            pieces.Return();
        }
    }

    private void End(SqliteStatement statement)
    {
        statement.Reset();
        if (!statement.IsKept) statement.Dispose();
    }

    private SqliteStatement Find(SqlPieces pieces)
    {
        if (prepared.TryGetValue(pieces.Hash, out var candidates))
        {
            foreach (var candidate in candidates)
            {
                if (candidate.Matches(pieces.Shape)) return candidate.Statement;
            }
        }
        if (preparedCount >= MaxPrepared) Forget();
        var statement = new SqliteStatement(handle, pieces.Text()) { IsKept = true };
        if (!prepared.TryGetValue(pieces.Hash, out candidates)) prepared[pieces.Hash] = candidates = [];
        candidates.Add(new Prepared(pieces.Shape.ToArray(), statement));
        preparedCount++;
        return statement;
    }

    // One that is running is disposed of when it has run.
    private void Forget()
    {
        foreach (var candidate in prepared.Values.SelectMany(candidates => candidates))
        {
            if (candidate.Statement.IsInUse) candidate.Statement.IsKept = false;
            else candidate.Statement.Dispose();
        }
        prepared.Clear();
        preparedCount = 0;
    }

    private sealed class Prepared(string?[] shape, SqliteStatement statement)
    {
        internal SqliteStatement Statement => statement;

        internal bool Matches(ReadOnlySpan<string?> other)
        {
            if (other.Length != shape.Length) return false;
            for (var i = 0; i < shape.Length; i++)
            {
                if (!ReferenceEquals(shape[i], other[i])) return false;
            }
            return true;
        }
    }
}
