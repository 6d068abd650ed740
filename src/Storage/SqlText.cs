using System.Runtime.CompilerServices;

namespace Sternpost.Storage;

/// <summary>
/// SQL built by interpolation: <c>$"select x from t where id = {id}"</c> carries <c>id</c> as a parameter, never as text. A hole takes
/// a number, truth, text or octets, any of them null; what else there is has no overload here, so that the compiler refuses it.
/// </summary>
[InterpolatedStringHandler]
public readonly struct SqlText
{
    /// <summary>Called by the compiler.</summary>
    public SqlText(int literalLength, int formattedCount) => Pieces = SqlPieces.Take(formattedCount);

    internal SqlPieces Pieces { get; }

    /// <summary>Called by the compiler.</summary>
    public void AppendLiteral(string value) => Pieces.Add(value);

    /// <summary>A number.</summary>
    public void AppendFormatted(long value) => Pieces.Add(new SqlValue(value));

    /// <summary>A number, or null.</summary>
    public void AppendFormatted(long? value) => Pieces.Add(value is { } number ? new SqlValue(number) : default);

    /// <summary>A truth.</summary>
    public void AppendFormatted(bool value) => Pieces.Add(new SqlValue(value ? 1 : 0));

    /// <summary>Text, or null.</summary>
    public void AppendFormatted(string? value) => Pieces.Add(value is null ? default : new SqlValue(value));

    /// <summary>Octets, or null.</summary>
    public void AppendFormatted(byte[]? value) => Pieces.Add(value is null ? default : new SqlValue(value.AsMemory()));

    /// <summary>Octets.</summary>
    public void AppendFormatted(ReadOnlyMemory<byte> value) => Pieces.Add(new SqlValue(value));

    /// <summary>Octets, or null.</summary>
    public void AppendFormatted(ReadOnlyMemory<byte>? value) => Pieces.Add(value is { } octets ? new SqlValue(octets) : default);
}
