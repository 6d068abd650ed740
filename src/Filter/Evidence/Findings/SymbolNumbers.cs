using System.Collections.Concurrent;
using Sternpost.Storage;

namespace Sternpost.Filter.Evidence.Findings;

/// <summary>The numbers by which symbols are stored. A symbol keeps its number for ever; one that is new gets the next, in the transaction that needs it.</summary>
internal sealed class SymbolNumbers
{
    private readonly ConcurrentDictionary<string, long> numbers = new(StringComparer.Ordinal);

    /// <summary>In a write transaction.</summary>
    internal long NumberOf(Sql sql, string symbol)
    {
        if (numbers.TryGetValue(symbol, out var known)) return known;
        sql.Execute($"insert into finding_symbols (number, name) values (coalesce((select max(number) from finding_symbols), 0) + 1, {symbol}) on conflict (name) do nothing");
        var number = sql.First($"select number from finding_symbols where name = {symbol}", row => row.GetInt64(0));
        // Only what is committed is remembered: a transaction that fails takes its number back.
        sql.AfterCommit(() => numbers[symbol] = number);
        return number;
    }

    internal static Dictionary<long, string> All(Sql sql) =>
        sql.Query($"select number, name from finding_symbols", row => (row.GetInt64(0), row.GetString(1))).ToDictionary(pair => pair.Item1, pair => pair.Item2);
}
