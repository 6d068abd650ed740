using System.Globalization;
using Sternpost.Sieve.Running;

namespace Sternpost.Sieve.Matching;

/// <summary>How values and keys are compared (RFC 5228 §2.7.1, RFC 5231).</summary>
internal enum MatchKind
{
    Is,
    Contains,
    Matches,
    Regex,
    Count,
    Value,
}

/// <summary>A relation of <c>:count</c> and <c>:value</c> (RFC 5231 §4).</summary>
internal enum Relation
{
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    Equal,
    NotEqual,
}

/// <summary>The match type and comparator of a test.</summary>
internal sealed class MatchTest(MatchKind kind, Relation relation, Comparator comparator, int line)
{
    private const int MaxCached = 64;

    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, RegexPattern> patterns = new();

    internal static readonly MatchTest Default = new(MatchKind.Is, Relation.Equal, Comparator.AsciiCasemap, 0);

    internal MatchKind Kind => kind;

    internal Comparator Comparator => comparator;

    internal static Relation? FindRelation(string word) => word.ToLowerInvariant() switch
    {
        "gt" => Relation.Greater,
        "ge" => Relation.GreaterOrEqual,
        "lt" => Relation.Less,
        "le" => Relation.LessOrEqual,
        "eq" => Relation.Equal,
        "ne" => Relation.NotEqual,
        _ => null,
    };

    /// <summary>Whether any value fits any key; of <c>:count</c> whether their number does.</summary>
    /// <param name="run">The run, which gets the match values.</param>
    /// <param name="values">What the message has.</param>
    /// <param name="keys">What the script asks for.</param>
    internal bool Test(ScriptRun run, IEnumerable<string> values, IReadOnlyList<TextValue> keys)
    {
        List<string> wanted = [.. keys.Select(key => key.Of(run))];
        if (kind == MatchKind.Count)
        {
            var number = values.Count().ToString(CultureInfo.InvariantCulture);
            return wanted.Exists(key => Holds(comparator.Compare(number, key)));
        }
        foreach (var value in values)
        {
            foreach (var key in wanted)
            {
                if (Fits(run, value, key)) return true;
            }
        }
        return false;
    }

    private bool Fits(ScriptRun run, string value, string key)
    {
        run.Budget.Spend(value.Length + key.Length, line);
        switch (kind)
        {
            case MatchKind.Is:
                return comparator.AreEqual(value, key);
            case MatchKind.Contains:
                return comparator.Fold(value).Contains(comparator.Fold(key), StringComparison.Ordinal);
            case MatchKind.Value:
                return Holds(comparator.Compare(value, key));
            case MatchKind.Matches:
                List<string> values = [];
                if (!Wildcards.Match(value, key, comparator, run.Budget, line, values)) return false;
                // RFC 5229 §3.2: ${0} is the whole.
                values.Insert(0, value);
                run.SetMatchValues(values);
                return true;
            default:
                List<string> groups = [];
                if (!Pattern(key).Match(value, run.Budget, line, groups)) return false;
                run.SetMatchValues(groups);
                return true;
        }
    }

    /// <summary>The compiled expression; one that is none ends the run.</summary>
    private RegexPattern Pattern(string key)
    {
        if (patterns.TryGetValue(key, out var known)) return known;
        if (RegexPattern.TryMake(key, ignoreCase: comparator != Comparator.Octet, out var problem) is not { } made) throw new ScriptFailure(line, problem);
        if (patterns.Count < MaxCached) patterns[key] = made;
        return made;
    }

    private bool Holds(int order) => relation switch
    {
        Relation.Greater => order > 0,
        Relation.GreaterOrEqual => order >= 0,
        Relation.Less => order < 0,
        Relation.LessOrEqual => order <= 0,
        Relation.Equal => order == 0,
        _ => order != 0,
    };
}
