using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Sternpost.Filter.SpamAssassin.Patterns;

/// <summary>A rule's pattern: made into a <see cref="Regex"/> when first needed, and never allowed more than its time.</summary>
internal sealed class RuleRegex
{
    /// <summary>Time one match may take. A message's rules together have less than a second (<see cref="RunBudget"/>).</summary>
    private static readonly TimeSpan MatchTime = TimeSpan.FromMilliseconds(100);

    private readonly string pattern;
    private volatile Regex? regex;

    internal RuleRegex(PatternNode root, bool captures = false)
    {
        pattern = PatternWriter.Write(root, captures);
        Required = RequiredText.Of(root);
        if (Required.AnyOf is null) Window = MatchWindow.Of(root)?.Node;
    }

    /// <summary>What a text must hold to be worth a try.</summary>
    internal RequiredText Required { get; }

    /// <summary>A piece that every match holds, for a pattern that has no literal; null where there is none that is rare.</summary>
    internal PatternNode? Window { get; }

    /// <summary>The pattern as .NET reads it.</summary>
    public override string ToString() => pattern;

    // The interpreter: making one takes some 30 µs, compiling one 2 ms and more memory, and few of 1,700 patterns ever run on a message.
    private Regex Made(RunBudget budget)
    {
        if (regex is { } made) return made;
        var begun = Stopwatch.GetTimestamp();
        regex = made = new Regex(pattern, RegexOptions.CultureInvariant, MatchTime);
        // The first match makes the interpreter's tables.
        made.IsMatch("");
        budget.Excuse(begun);
        return made;
    }

    /// <summary>Whether the text matches; false, and <see cref="RunBudget.TimedOut"/> set, where that took too long to find out.</summary>
    internal bool IsMatch(ReadOnlySpan<char> text, RunBudget budget)
    {
        if (text.Length < Required.Shortest) return false;
        try
        {
            return Made(budget).IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            budget.TimedOut++;
            return false;
        }
    }

    /// <summary>How often the text matches, at most <paramref name="most"/> times.</summary>
    internal int Count(ReadOnlySpan<char> text, int most, RunBudget budget)
    {
        if (text.Length < Required.Shortest) return 0;
        var count = 0;
        try
        {
            foreach (var _ in Made(budget).EnumerateMatches(text))
            {
                if (++count >= most) break;
            }
        }
        catch (RegexMatchTimeoutException)
        {
            budget.TimedOut++;
        }
        return count;
    }

    /// <summary>The first match with its groups; null where there is none.</summary>
    internal Match? Match(string text, RunBudget budget)
    {
        if (text.Length < Required.Shortest) return null;
        try
        {
            var match = Made(budget).Match(text);
            return match.Success ? match : null;
        }
        catch (RegexMatchTimeoutException)
        {
            budget.TimedOut++;
            return null;
        }
    }
}
