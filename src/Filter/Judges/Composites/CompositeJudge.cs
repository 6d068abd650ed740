using Sternpost.Filter.Verdicts;

namespace Sternpost.Filter.Judges.Composites;

/// <summary>Finds what other findings mean together. Last of all judges; a composite may name one above it.</summary>
internal sealed class CompositeJudge(FilterOptions options) : LocalJudge
{
    private readonly Composite[] composites = [.. Composite.Shipped, .. options.Composites];

    public override string Name => "composites";

    public override IReadOnlyList<Symbol> Symbols => [.. composites.Select(composite => composite.Symbol)];

    public override bool ReadsFindings => true;

    protected override IReadOnlyList<Finding> Judge(MessageUnderJudgement message)
    {
        var weights = new Dictionary<string, double>(message.Findings.Count, StringComparer.Ordinal);
        foreach (var finding in message.Findings) weights[finding.Symbol] = weights.GetValueOrDefault(finding.Symbol) + finding.Weight;
        Func<string, double?> weightOf = symbol => weights.TryGetValue(symbol, out var weight) ? weight : null;
        List<Finding>? found = null;
        foreach (var composite in composites)
        {
            if (!composite.Expression.Holds(weightOf)) continue;
            (found ??= []).Add(composite.Symbol.Found());
            weights[composite.Symbol.Name] = composite.Symbol.Weight;
        }
        return found ?? (IReadOnlyList<Finding>)[];
    }
}
