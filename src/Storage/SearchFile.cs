using Microsoft.Data.Sqlite;

namespace Sternpost.Storage;

/// <summary>
/// A full-text index in a file of its own (SQLite's FTS5): words only, no text, so nothing but searches can be read from it. It can be made
/// anew from what it indexes at any time, so it is not synced: a crash costs at most the work of making it. Not for two threads at once.
/// </summary>
public sealed class SearchFile : IDisposable
{
    /// <summary>The folder of the data folder that these files are in. No backup needs it.</summary>
    public const string FolderName = "search";

    // Raised where what is indexed changes; a file of another version is made anew.
    private const long Version = 1;

    private readonly SqliteConnection connection;

    private SearchFile(SqliteConnection connection) => this.connection = connection;

    /// <summary>Opens a file, making it anew where it is missing, damaged or of another version.</summary>
    public static SearchFile Open(string path)
    {
        StableStorage.CreateFolder(Path.GetDirectoryName(path)!);
        try
        {
            return OpenOnce(path);
        }
        catch (SqliteException)
        {
            Delete(path);
            return OpenOnce(path);
        }
    }

    /// <summary>Removes a file and what SQLite keeps beside it.</summary>
    public static void Delete(string path)
    {
        // Where nobody has ever searched there is not even the folder.
        if (!Directory.Exists(Path.GetDirectoryName(path))) return;
        foreach (var end in (string[])["", "-wal", "-shm", "-journal"]) File.Delete(path + end);
    }

    /// <summary>All documents in the index.</summary>
    public HashSet<long> Ids()
    {
        using var command = connection.CreateCommand();
        command.CommandText = "select id from indexed";
        using var rows = command.ExecuteReader();
        var ids = new HashSet<long>();
        while (rows.Read()) ids.Add(rows.GetInt64(0));
        return ids;
    }

    /// <summary>Adds documents and removes others, in one transaction.</summary>
    public void Change(IReadOnlyList<(long Id, string Text)> added, IReadOnlyList<long> removed)
    {
        using var transaction = connection.BeginTransaction();
        Run("insert into documents (rowid, body) values (@id, @text)", added.Select(item => (item.Id, (string?)item.Text)));
        Run("insert into indexed (id) values (@id)", added.Select(item => (item.Id, (string?)null)));
        Run("delete from documents where rowid = @id", removed.Select(id => (id, (string?)null)));
        Run("delete from indexed where id = @id", removed.Select(id => (id, (string?)null)));
        transaction.Commit();

        void Run(string text, IEnumerable<(long Id, string? Text)> items)
        {
            using var command = connection.CreateCommand();
            command.CommandText = text;
            command.Transaction = transaction;
            var id = command.Parameters.Add("@id", SqliteType.Integer);
            var body = text.Contains("@text", StringComparison.Ordinal) ? command.Parameters.Add("@text", SqliteType.Text) : null;
            foreach (var item in items)
            {
                id.Value = item.Id;
                if (body is not null) body.Value = item.Text;
                command.ExecuteNonQuery();
            }
        }
    }

    /// <summary>The documents that hold the words of a phrase one after the other, the last of them perhaps only begun.</summary>
    public HashSet<long> Find(string phrase)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "select rowid from documents where documents match @phrase";
        command.Parameters.AddWithValue("@phrase", "\"" + phrase.Replace("\"", "\"\"", StringComparison.Ordinal) + "\" *");
        using var rows = command.ExecuteReader();
        var ids = new HashSet<long>();
        while (rows.Read()) ids.Add(rows.GetInt64(0));
        return ids;
    }

    /// <inheritdoc/>
    public void Dispose() => connection.Dispose();

    private static SearchFile OpenOnce(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWriteCreate, Pooling = false }.ToString());
        try
        {
            connection.Open();
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            Run("pragma journal_mode = wal; pragma synchronous = off; pragma cache_size = -8000");
            using var ask = connection.CreateCommand();
            ask.CommandText = "pragma user_version";
            var version = (long)ask.ExecuteScalar()!;
            if (version != Version)
            {
                Run(
                    $"""
                    drop table if exists documents;
                    drop table if exists indexed;
                    create virtual table documents using fts5 (body, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3 4');
                    create table indexed (id integer primary key);
                    pragma user_version = {Version};
                    """);
            }
            return new SearchFile(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }

        void Run(string text)
        {
            using var command = connection.CreateCommand();
            command.CommandText = text;
            command.ExecuteNonQuery();
        }
    }
}
