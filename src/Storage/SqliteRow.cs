using System.Collections;
using System.Data.Common;
using SQLitePCL;

namespace Sternpost.Storage;

/// <summary>The current row of a statement, in the form that other databases' rows have. Only its columns can be read; moving on is its statement's.</summary>
internal sealed class SqliteRow(sqlite3_stmt statement) : DbDataReader
{
    public override int FieldCount => raw.sqlite3_column_count(statement);

    public override bool HasRows => true;

    public override bool IsClosed => false;

    public override int RecordsAffected => -1;

    public override int Depth => 0;

    public override object this[int ordinal] => GetValue(ordinal);

    public override object this[string name] => GetValue(GetOrdinal(name));

    public override bool IsDBNull(int ordinal) => TypeOf(ordinal) == raw.SQLITE_NULL;

    public override long GetInt64(int ordinal)
    {
        NotNull(ordinal);
        return raw.sqlite3_column_int64(statement, ordinal);
    }

    public override int GetInt32(int ordinal) => checked((int)GetInt64(ordinal));

    public override short GetInt16(int ordinal) => checked((short)GetInt64(ordinal));

    public override byte GetByte(int ordinal) => checked((byte)GetInt64(ordinal));

    public override bool GetBoolean(int ordinal) => GetInt64(ordinal) != 0;

    public override double GetDouble(int ordinal)
    {
        NotNull(ordinal);
        return raw.sqlite3_column_double(statement, ordinal);
    }

    public override float GetFloat(int ordinal) => (float)GetDouble(ordinal);

    public override string GetString(int ordinal)
    {
        NotNull(ordinal);
        return raw.sqlite3_column_text(statement, ordinal).utf8_to_string();
    }

    /// <summary>The octets themselves, until the statement moves on.</summary>
    internal ReadOnlySpan<byte> Octets(int ordinal)
    {
        NotNull(ordinal);
        return raw.sqlite3_column_blob(statement, ordinal);
    }

    public override T GetFieldValue<T>(int ordinal)
    {
        if (typeof(T) == typeof(byte[])) return (T)(object)Octets(ordinal).ToArray();
        return base.GetFieldValue<T>(ordinal);
    }

    public override object GetValue(int ordinal)
    {
        var type = TypeOf(ordinal);
        if (type == raw.SQLITE_INTEGER) return raw.sqlite3_column_int64(statement, ordinal);
        if (type == raw.SQLITE_TEXT) return GetString(ordinal);
        if (type == raw.SQLITE_BLOB) return Octets(ordinal).ToArray();
        return type == raw.SQLITE_FLOAT ? GetDouble(ordinal) : DBNull.Value;
    }

    public override string GetName(int ordinal) => raw.sqlite3_column_name(statement, ordinal).utf8_to_string();

    public override int GetOrdinal(string name)
    {
        for (var i = 0; i < FieldCount; i++)
        {
            if (GetName(i).Equals(name, StringComparison.OrdinalIgnoreCase)) return i;
        }
        throw new ArgumentException($"There is no column {name}.", nameof(name));
    }

    public override Type GetFieldType(int ordinal) => GetValue(ordinal).GetType();

    public override string GetDataTypeName(int ordinal) => GetFieldType(ordinal).Name;

    public override int GetValues(object[] values)
    {
        var count = Math.Min(values.Length, FieldCount);
        for (var i = 0; i < count; i++) values[i] = GetValue(i);
        return count;
    }

    public override bool Read() => throw new NotSupportedException("Rows are handed out one by one.");

    public override bool NextResult() => throw new NotSupportedException("A text is one statement.");

    public override IEnumerator GetEnumerator() => throw new NotSupportedException("Rows are handed out one by one.");

    public override long GetBytes(int ordinal, long dataOffset, byte[]? buffer, int bufferOffset, int length)
    {
        var octets = Octets(ordinal);
        if (buffer is null) return octets.Length;
        var part = octets[(int)Math.Min(dataOffset, octets.Length)..];
        if (part.Length > length) part = part[..length];
        part.CopyTo(buffer.AsSpan(bufferOffset));
        return part.Length;
    }

    public override long GetChars(int ordinal, long dataOffset, char[]? buffer, int bufferOffset, int length) => throw new NotSupportedException("Text is read whole.");

    public override char GetChar(int ordinal) => throw NoSuchType("characters");

    public override DateTime GetDateTime(int ordinal) => throw NoSuchType("dates");

    public override decimal GetDecimal(int ordinal) => throw NoSuchType("decimals");

    public override Guid GetGuid(int ordinal) => throw NoSuchType("GUIDs");

    // The schema has bigint, boolean, text and bytea, so that SQLite and PostgreSQL hold the same.
    private static NotSupportedException NoSuchType(string what) => new($"The schema has no {what}.");

    private int TypeOf(int ordinal) => raw.sqlite3_column_type(statement, ordinal);

    private void NotNull(int ordinal)
    {
        if (IsDBNull(ordinal)) throw new InvalidCastException($"Column {GetName(ordinal)} is null.");
    }
}
