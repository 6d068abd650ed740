namespace Sternpost.Filter.Verdicts;

/// <summary>The kind of finding a judge may make: stable name, usual weight, meaning. Weights are log-odds of spam.</summary>
/// <param name="Name">Upper case, unique.</param>
/// <param name="Weight">The usual weight; a judge may give another where its evidence is graded.</param>
/// <param name="Meaning">One plain sentence for docs/symbols.md and, unless the judge says more, for the recipient.</param>
public sealed record Symbol(string Name, double Weight, string Meaning)
{
    /// <summary>A finding of this kind.</summary>
    public Finding Found(string? explanation = null, double? weight = null, Disposition? compels = null) =>
        new(Name, weight ?? Weight, explanation ?? Meaning) { Compels = compels };
}
