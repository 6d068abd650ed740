using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Sternpost.Filter.SpamAssassin.Patterns;

/// <summary>
/// A rule's pattern: interpreted from its first match on, because making an interpreter takes some 30 µs and few of 1,700 patterns ever
/// run; made fast in the background once it has cost more than that would. Never allowed more than its time.
/// </summary>
internal sealed class RuleRegex
{
    /// <summary>Time one match may take. All rules of a message together have theirs (<see cref="RunBudget"/>).</summary>
    private static readonly TimeSpan MatchTime = TimeSpan.FromMilliseconds(500);

    // Beyond this an automaton of .NET's own takes more memory than it is worth.
    private const int LongestRegular = 2000;

    // Compiling takes 2 to 50 ms and some 50 KB.
    private static readonly long WorthMakingFast = Stopwatch.Frequency / 50;

    private readonly string pattern;
    private readonly bool regular;
    private volatile Regex? regex;
    private long spent;

    internal RuleRegex(PatternNode root, bool captures = false)
    {
        pattern = PatternWriter.Write(root, captures);
        regular = !captures && IsRegular(root);
        Required = RequiredText.Of(root);
        if (Required.AnyOf is null) Window = MatchWindow.Of(root);
    }

    /// <summary>What a text must hold to be worth a try.</summary>
    internal RequiredText Required { get; }

    /// <summary>A piece that every match holds, for a pattern that has no literal; null where there is none that is rare.</summary>
    internal MatchWindow? Window { get; }

    /// <summary>The pattern as .NET reads it.</summary>
    public override string ToString() => pattern;

    /// <summary>Whether the text matches; false, and <see cref="RunBudget.TimedOut"/> counted up, where that took too long to find out.</summary>
    internal bool IsMatch(ReadOnlySpan<char> text, RunBudget budget)
    {
        if (text.Length < Required.Shortest) return false;
        var made = Made(budget);
        var begun = Stopwatch.GetTimestamp();
        try
        {
            return made.IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            budget.TimedOut++;
            return false;
        }
        finally
        {
            Spend(Stopwatch.GetTimestamp() - begun);
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

    private Regex Made(RunBudget budget)
    {
        if (regex is { } made) return made;
        var begun = Stopwatch.GetTimestamp();
        regex = made = new Regex(pattern, RegexOptions.CultureInvariant, MatchTime);
        budget.Excuse(begun);
        return made;
    }

    private void Spend(long time)
    {
        // Two threads may both add to the old value; it is an estimate. Whoever passes the mark sets it out of reach.
        var sum = spent + time;
        var passes = spent < WorthMakingFast && sum >= WorthMakingFast;
        spent = sum;
        if (passes) ThreadPool.UnsafeQueueUserWorkItem(static rule => rule.MakeFast(), this, preferLocal: false);
    }

    private void MakeFast()
    {
        if (regular && pattern.Length <= LongestRegular)
        {
            try
            {
                // Linear in the length of the text, whatever the text: what is slow because it backtracks is so no longer.
                regex = new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking, MatchTime);
                return;
            }
            catch (NotSupportedException)
            {
                // Its automaton would be too large; .NET says so only by this.
            }
        }
        regex = new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.Compiled, MatchTime);
    }

    // What an automaton can do: no conditions on what is around but word and line ends, nothing that remembers.
    private static bool IsRegular(PatternNode node) => node switch
    {
        LookNode or AtomicNode or BackreferenceNode or ConditionNode => false,
        AnchorNode anchor => anchor.Text != "\\G",
        SequenceNode sequence => sequence.Parts.All(IsRegular),
        AlternationNode alternation => alternation.Branches.All(IsRegular),
        RepeatNode repeat => repeat.Manner != RepeatManner.Possessive && IsRegular(repeat.Part),
        CaptureNode capture => IsRegular(capture.Part),
        _ => true,
    };
}
