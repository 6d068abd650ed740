using Sternpost.Filter.Judges;

namespace Sternpost.Filter.Verdicts;

/// <summary>
/// The weights an administrator chose in place of the shipped ones. A judge that grades its evidence keeps the grades: its findings are
/// changed in the proportion of the two weights. A symbol without a usual weight, such as STATISTICS, is multiplied by the number.
/// </summary>
internal sealed class FindingWeights
{
    private readonly Dictionary<string, double> factors = new(StringComparer.Ordinal);

    private FindingWeights()
    {
    }

    /// <summary>Of the options' weights, for the symbols that <paramref name="judges"/> declare.</summary>
    internal static FindingWeights Of(FilterOptions options, IEnumerable<IJudge> judges) =>
        options.Weights.Count == 0 ? new FindingWeights() : Of(options.Weights, UsualOf(judges));

    /// <summary>Of weights by symbol, where <paramref name="usual"/> are the shipped ones.</summary>
    internal static FindingWeights Of(IReadOnlyDictionary<string, double> weights, IReadOnlyDictionary<string, double> usual)
    {
        var table = new FindingWeights();
        foreach (var (symbol, weight) in weights)
        {
            var shipped = usual.GetValueOrDefault(symbol);
            table.factors[symbol] = shipped == 0 ? weight : weight / shipped;
        }
        return table;
    }

    /// <summary>The shipped weights by symbol.</summary>
    internal static Dictionary<string, double> UsualOf(IEnumerable<IJudge> judges)
    {
        var usual = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var symbol in judges.SelectMany(judge => judge.Symbols)) usual[symbol.Name] = symbol.Weight;
        return usual;
    }

    /// <summary>Changes the findings in place.</summary>
    internal void Apply(List<Finding> findings)
    {
        if (factors.Count == 0) return;
        for (var i = 0; i < findings.Count; i++)
        {
            if (factors.TryGetValue(findings[i].Symbol, out var factor)) findings[i] = findings[i] with { Weight = findings[i].Weight * factor };
        }
    }
}
