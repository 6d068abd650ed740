using System.Data.Common;

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

    /// <summary>Runs <paramref name="action"/> after the transaction is durable, in commit order. Write transactions only. It must not throw.</summary>
    public abstract void AfterCommit(Action action);
}
