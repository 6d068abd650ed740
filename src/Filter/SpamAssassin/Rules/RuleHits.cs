using System.Text.RegularExpressions;
using Sternpost.Filter.SpamAssassin.Patterns;

namespace Sternpost.Filter.SpamAssassin.Rules;

/// <summary>Which rules hit one message, and how often.</summary>
internal sealed class RuleHits(int rules, RunBudget budget)
{
    private readonly double[] values = new double[rules];
    private readonly List<int> hit = [];

    internal RunBudget Budget { get; } = budget;

    /// <summary>Rules that hit, in the order they were found.</summary>
    internal IReadOnlyList<int> Hit => hit;

    internal ReadOnlySpan<double> Values => values;

    /// <summary>What named groups matched, by name.</summary>
    internal Dictionary<string, List<string>> Captured { get; } = new(StringComparer.Ordinal);

    /// <summary>Keeps the named groups of a match; false where there is none.</summary>
    internal bool Capture(Match? match)
    {
        if (match is null) return false;
        foreach (Group group in match.Groups)
        {
            // Names that rules give are upper case; all others are this reader's own.
            if (!group.Success || group.Length is 0 or > 1000 || !char.IsAsciiLetterUpper(group.Name[0])) continue;
            if (!Captured.TryGetValue(group.Name, out var values)) Captured.Add(group.Name, values = []);
            if (values.Count < 100 && !values.Contains(group.Value)) values.Add(group.Value);
        }
        return true;
    }

    internal int CountOf(int rule) => (int)values[rule];

    internal void Add(int rule, double value)
    {
        if (values[rule] == 0) hit.Add(rule);
        values[rule] += value;
    }
}
