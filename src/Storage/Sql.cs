using System.Data.Common;
using System.Runtime.CompilerServices;

namespace Sternpost.Storage;

/// <summary>Statements against one transaction. SQL is written once, lower case, next to its use; holes become parameters.</summary>
public abstract class Sql
{
    /// <summary>Runs a statement; answers the number of rows it changed.</summary>
    public abstract int Execute(SqlText text);

    /// <summary>Runs a query; maps each row.</summary>
    public abstract List<T> Query<T>(SqlText text, Func<DbDataReader, T> row);

    /// <summary>The first row mapped, or default where there is none.</summary>
    public abstract T? First<T>(SqlText text, Func<DbDataReader, T> row);

    /// <summary>Runs <paramref name="action"/> after the transaction is durable, in commit order. Write transactions only.</summary>
    public abstract void AfterCommit(Action action);
}

/// <summary>SQL built by interpolation: <c>$"select x from t where id = {id}"</c> carries <c>id</c> as a parameter, never as text.</summary>
[InterpolatedStringHandler]
public readonly struct SqlText
{
    private readonly System.Text.StringBuilder text;
    private readonly List<object?> parameters;

    /// <summary>Called by the compiler.</summary>
    public SqlText(int literalLength, int formattedCount)
    {
        text = new System.Text.StringBuilder(literalLength + (formattedCount * 4));
        parameters = new List<object?>(formattedCount);
    }

    /// <summary>The statement with @p0, @p1… in place of the holes.</summary>
    public string Text => text.ToString();

    /// <summary>The values of the holes in order: long, int, uint, bool, string, byte[], ReadOnlyMemory&lt;byte&gt; or null.</summary>
    public IReadOnlyList<object?> Parameters => parameters;

    /// <summary>Called by the compiler.</summary>
    public void AppendLiteral(string value) => text.Append(value);

    /// <summary>Called by the compiler.</summary>
    public void AppendFormatted<T>(T value)
    {
        text.Append("@p").Append(parameters.Count);
        parameters.Add(value);
    }
}
