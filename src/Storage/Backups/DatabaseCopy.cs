using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Sternpost.Storage.Backups;

/// <summary>A copy of a database, only to be read: no log is made beside it.</summary>
internal sealed class DatabaseCopy : IAsyncDisposable
{
    private readonly SqliteConnection connection;

    private DatabaseCopy(SqliteConnection connection) => this.connection = connection;

    internal static DatabaseCopy Open(string file)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        connection.Open();
        return new DatabaseCopy(connection);
    }

    internal List<T> Query<T>(string text, Func<DbDataReader, T> row, CancellationToken cancellation)
    {
        using var command = connection.CreateCommand();
        command.CommandText = text;
        using var rows = command.ExecuteReader();
        var found = new List<T>();
        while (rows.Read())
        {
            cancellation.ThrowIfCancellationRequested();
            found.Add(row(rows));
        }
        return found;
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();
}
