using System.Data.Common;
using Sternpost.Storage;

namespace Sternpost.Abuse.Signs;

/// <summary>The signs seen. They are written in the transaction of what showed them and handled by a loop behind it, so none is lost.</summary>
public static class SignRows
{
    /// <summary>Writes a sign down; the same kind is told of once in an hour, unless it is certain.</summary>
    public static void Raise(Sql sql, long id, long account, SignKind kind, string what, bool certain)
    {
        var hourBefore = id - (3_600_000L << 22);
        if (sql.First($"select 1 from sender_signs where account_id = {account} and id > {hourBefore} and kind = {(int)kind} and (certain = {certain} or certain = {true}) limit 1", row => row.GetInt64(0)) == 1) return;
        sql.Execute($"insert into sender_signs (id, account_id, kind, what, certain, handled) values ({id}, {account}, {(int)kind}, {what}, {certain}, {false})");
    }

    /// <summary>Those nothing has followed from yet.</summary>
    public static IReadOnlyList<Sign> Open(Sql sql) => sql.Query($"select id, account_id, kind, what, certain from sender_signs where not handled order by id limit 500", Row);

    /// <summary>Those of an account since a moment.</summary>
    public static IReadOnlyList<Sign> Since(Sql sql, long account, DateTimeOffset since) =>
        sql.Query($"select id, account_id, kind, what, certain from sender_signs where account_id = {account} and id >= {Database.IdAt(since)} order by id limit 500", Row);

    /// <summary>What follows has been done.</summary>
    public static void Handled(Sql sql, long id) => sql.Execute($"update sender_signs set handled = {true} where id = {id}");

    private static Sign Row(DbDataReader row) => new(row.GetInt64(0), row.GetInt64(1), (SignKind)row.GetInt32(2), row.GetString(3), row.GetBoolean(4));
}
