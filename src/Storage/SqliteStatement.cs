using System.Buffers;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Sternpost.Storage;

/// <summary>One prepared statement. It speaks to SQLite itself: the ADO.NET layer between takes longer than most statements run.</summary>
internal sealed class SqliteStatement : IDisposable
{
    private const int LongestOnStack = 512;

    private readonly sqlite3 connection;
    private readonly sqlite3_stmt statement;

    internal SqliteStatement(sqlite3 connection, string text)
    {
        this.connection = connection;
        SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v3(connection, text, raw.SQLITE_PREPARE_PERSISTENT, out statement, out var tail), connection);
        if (!string.IsNullOrWhiteSpace(tail)) throw new ArgumentException($"More than one statement in one text: {text}");
        IsReadOnly = raw.sqlite3_stmt_readonly(statement) != 0;
        Row = new SqliteRow(statement);
    }

    /// <summary>The row the last <see cref="Step"/> came to.</summary>
    internal SqliteRow Row { get; }

    internal bool IsReadOnly { get; }

    /// <summary>Between <see cref="Bind"/> and <see cref="Reset"/>.</summary>
    internal bool IsInUse { get; private set; }

    /// <summary>In the cache of its connection; otherwise it is disposed of after its run.</summary>
    internal bool IsKept { get; set; }

    internal void Bind(ReadOnlySpan<SqlValue> values)
    {
        IsInUse = true;
        for (var i = 0; i < values.Length; i++)
        {
            ref readonly var value = ref values[i];
            var result = value.Kind switch
            {
                SqlValueKind.Number => raw.sqlite3_bind_int64(statement, i + 1, value.Number),
                SqlValueKind.Text => BindText(i + 1, value.Text!),
                // An empty span has no address, which SQLite takes for null.
                SqlValueKind.Octets when value.Octets.IsEmpty => raw.sqlite3_bind_zeroblob(statement, i + 1, 0),
                SqlValueKind.Octets => raw.sqlite3_bind_blob(statement, i + 1, value.Octets.Span),
                _ => raw.sqlite3_bind_null(statement, i + 1),
            };
            if (result == raw.SQLITE_OK) continue;
            Reset();
            throw Failure(result);
        }
    }

    /// <summary>True on a row, false at the end.</summary>
    internal bool Step()
    {
        var result = raw.sqlite3_step(statement);
        if (result == raw.SQLITE_ROW) return true;
        if (result == raw.SQLITE_DONE) return false;
        throw Failure(result);
    }

    internal void Reset()
    {
        // What the step said is said again here, and has been thrown already.
        _ = raw.sqlite3_reset(statement);
        _ = raw.sqlite3_clear_bindings(statement);
        IsInUse = false;
    }

    public void Dispose() => statement.Dispose();

    private int BindText(int index, string text)
    {
        if (text.Length == 0) return raw.sqlite3_bind_text(statement, index, utf8z.FromString(text));
        var longest = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (longest <= LongestOnStack)
        {
            Span<byte> octets = stackalloc byte[LongestOnStack];
            return raw.sqlite3_bind_text(statement, index, octets[..Encoding.UTF8.GetBytes(text, octets)]);
        }
        var rented = ArrayPool<byte>.Shared.Rent(longest);
        var result = raw.sqlite3_bind_text(statement, index, rented.AsSpan(0, Encoding.UTF8.GetBytes(text, rented)));
        ArrayPool<byte>.Shared.Return(rented);
        return result;
    }

    private SqliteException Failure(int result) =>
        new($"SQLite {result}: {raw.sqlite3_errmsg(connection).utf8_to_string()}", result & 0xff, raw.sqlite3_extended_errcode(connection));
}
