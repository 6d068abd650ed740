using System.Text.RegularExpressions;
using Sternpost.Filter.SpamAssassin.Patterns;

namespace Sternpost.Filter.SpamAssassin.Rules;

/// <summary>Which rules hit one message, and how often.</summary>
/// <param name="rules">How many rules there are.</param>
/// <param name="budget">What looking for them may take.</param>
/// <param name="complete">False where rules that only other rules look at may be left out when they change nothing.</param>
internal sealed class RuleHits(int rules, RunBudget budget, bool complete = true)
{
    private readonly double[] values = new double[rules];
    private readonly List<int> hit = [];

    internal RunBudget Budget { get; } = budget;

    /// <summary>Rules that may match a text and take long to find out: they wait until it is known whether anything depends on them.</summary>
    internal List<WaitingRule> Waiting { get; } = [];

    internal bool IsComplete { get; } = complete;

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

/// <summary>A rule, one of a group, that is yet to run on a text, or on <see cref="ViewTexts.Each"/>.</summary>
internal readonly record struct WaitingRule(PatternGroup Group, int Index, ViewTexts View, int Text);
