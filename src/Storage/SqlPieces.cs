using System.Runtime.CompilerServices;
using System.Text;

namespace Sternpost.Storage;

/// <summary>What fills one hole of a statement.</summary>
internal readonly struct SqlValue
{
    internal SqlValue(long number) => (Kind, Number) = (SqlValueKind.Number, number);

    internal SqlValue(string text) => (Kind, Text) = (SqlValueKind.Text, text);

    internal SqlValue(ReadOnlyMemory<byte> octets) => (Kind, Octets) = (SqlValueKind.Octets, octets);

    internal SqlValueKind Kind { get; }

    internal long Number { get; }

    internal string? Text { get; }

    internal ReadOnlyMemory<byte> Octets { get; }
}

/// <summary>How a value is bound.</summary>
internal enum SqlValueKind : byte
{
    Null,
    Number,
    Text,
    Octets,
}

/// <summary>
/// The literal parts and values of a statement while it is made and run. The literals of one place in the program are the same
/// string objects each time, so a statement is recognised by their identity, without putting its text together; and the object
/// is used again, because every statement of the server passes through here.
/// </summary>
internal sealed class SqlPieces
{
    [ThreadStatic]
    private static SqlPieces? spare;

    // A hole is a null among the literals.
    private string?[] shape = new string?[32];
    private SqlValue[] values = new SqlValue[16];
    private int shapeLength;
    private int valueCount;
    private int hash;

    internal int Hash => hash;

    internal ReadOnlySpan<string?> Shape => shape.AsSpan(0, shapeLength);

    internal ReadOnlySpan<SqlValue> Values => values.AsSpan(0, valueCount);

    internal static SqlPieces Take(int holes)
    {
        var pieces = spare ?? new SqlPieces();
        spare = null;
        if (pieces.values.Length < holes) pieces.values = new SqlValue[holes];
        return pieces;
    }

    internal void Add(string literal)
    {
        AddToShape(literal);
        hash = (hash * 31) + RuntimeHelpers.GetHashCode(literal);
    }

    internal void Add(SqlValue value)
    {
        AddToShape(null);
        hash = (hash * 31) + 1;
        values[valueCount++] = value;
    }

    /// <summary>Gives the object back; values are let go of, so that a message is not kept alive by the statement that stored it.</summary>
    internal void Return()
    {
        Array.Clear(values, 0, valueCount);
        shapeLength = valueCount = hash = 0;
        spare = this;
    }

    /// <summary>The statement with ?1, ?2… in place of the holes.</summary>
    internal string Text()
    {
        var text = new StringBuilder();
        var holes = 0;
        foreach (var piece in Shape)
        {
            if (piece is null) text.Append('?').Append(++holes);
            else text.Append(piece);
        }
        return text.ToString();
    }

    private void AddToShape(string? piece)
    {
        if (shapeLength == shape.Length) Array.Resize(ref shape, shapeLength * 2);
        shape[shapeLength++] = piece;
    }
}
