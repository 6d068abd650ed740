using System.Globalization;

namespace Sternpost.Commands;

/// <summary>
/// A table of how often symbols were found in corpora, kept so that docs/symbols.md can be made where the corpora are not: lines
/// <c>corpus⇥symbol⇥spam %⇥ham %</c>.
/// </summary>
internal static class SymbolRates
{
    /// <summary>Writes the rates of one corpus into the table, in place of those it had.</summary>
    public static void Renew(string file, string corpus, IEnumerable<SymbolFact> facts)
    {
        var others = File.Exists(file) ? File.ReadAllLines(file).Where(line => line.Length > 0 && !line.StartsWith(corpus + "\t", StringComparison.Ordinal)) : [];
        var own = facts.Select(fact => string.Create(CultureInfo.InvariantCulture, $"{corpus}\t{fact.Symbol}\t{fact.SpamPercent:0.###}\t{fact.HamPercent:0.###}"));
        File.WriteAllText(file, string.Join('\n', others.Concat(own).Order(StringComparer.Ordinal)) + "\n");
    }
}
