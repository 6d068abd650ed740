using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Sternpost.Filter.SpamAssassin.Patterns;

/// <summary>
/// A rule's pattern. What an automaton can have is matched by one; the rest by .NET's, which is interpreted from its first match on,
/// because making an interpreter takes some 30 µs and few of 1,700 patterns ever run, and made fast in the background once it has cost
/// more than that would. Never allowed more than its time.
/// </summary>
internal sealed class RuleRegex
{
    /// <summary>Time one match may take. All rules of a message together have theirs (<see cref="RunBudget"/>).</summary>
    private static readonly TimeSpan MatchTime = TimeSpan.FromMilliseconds(500);

    // Beyond this an automaton of .NET's own takes more memory than it is worth.
    private const int LongestRegular = 2000;

    // Compiling takes 2 to 50 ms and some 50 KB.
    private static readonly long WorthMakingFast = Stopwatch.Frequency / 50;

    // Some patterns have 50,000 places, once their tags are replaced.
    private const int MostPlaces = 100_000;
    private const int MostKeptPlaces = 500;

    // After so many texts an automaton that rules out less than half of them is asked no more.
    private const int FewAsked = 64;

    private const int LongestPiece = 300;
    private const int MostEnds = 64;

    private readonly bool captures;
    // Octets that a match, with what it asks of what is around, can have; 0 where that is not known.
    private readonly int longest;
    private readonly (string Pattern, string Modifiers)? source;
    private readonly PatternNode? kept;
    private RequiredText? required;
    private volatile PatternAutomaton? automaton;
    private volatile bool withoutAutomaton;
    private volatile Regex? regex;
    private long spent;
    // How often the automaton of a pattern that is not regular was asked, and how often its answer was no help; threads may overwrite each other's sums.
    private int asked;
    private int passed;

    /// <param name="root">The pattern.</param>
    /// <param name="captures">Whether what its groups match is asked for.</param>
    /// <param name="source">Where the pattern can be read again, so that a large one need not be kept in parts.</param>
    internal RuleRegex(PatternNode root, bool captures = false, (string Pattern, string Modifiers)? source = null)
    {
        this.captures = captures;
        IsRegular = !captures && PatternLanguage.IsRegular(root);
        Size = PatternLanguage.Size(root);
        longest = IsRegular ? 0 : PatternLanguage.Longest(root) is > 0 and <= LongestPiece and var length ? (int)length : 0;
        if (source is not null && Size > MostKeptPlaces) this.source = source;
        else kept = root;
    }

    /// <summary>True where an automaton finds just the texts that match.</summary>
    internal bool IsRegular { get; }

    /// <summary>Places an automaton needs for it.</summary>
    internal int Size { get; }

    /// <summary>The pattern in its parts.</summary>
    internal PatternNode Root => kept ?? PerlPattern.Parse(source!.Value.Pattern, source.Value.Modifiers).Root!;

    /// <summary>What a text must hold to be worth a try.</summary>
    internal RequiredText Required => required ??= RequiredText.Of(Root);

    /// <summary>The same where texts usually have <paramref name="usual"/>, which is not asked for.</summary>
    internal RequiredText RequiredBeside(string usual) => required = RequiredText.Of(Root, usual);

    // What a text must have is found out only for rules whose literals are looked for; others do without.
    private bool IsTooShort(int length) => required is { } known && length < known.Shortest;

    /// <summary>The pattern as .NET reads it.</summary>
    public override string ToString() => PatternWriter.Write(Root, captures);

    /// <summary>Whether the text matches, given as octets too: where only a short piece of it can, .NET is given just that.</summary>
    internal bool IsMatch(ReadOnlySpan<char> text, ReadOnlySpan<byte> octets, RunBudget budget)
    {
        if (IsRegular) return MayMatch(octets, budget, out var sure) && (sure || IsMatch(text, budget));
        Span<int> ends = stackalloc int[MostEnds];
        if (longest == 0 || octets.Length < 4 * longest || Automaton is not { } fast || fast.FindEnds(octets, ends, budget) is not (>= 0 and var count)) return IsMatch(text, budget);
        foreach (var end in ends[..count])
        {
            if (IsMatchNear(text, end, budget) is not { } matches) return IsMatch(text, budget);
            if (matches) return true;
        }
        return false;
    }

    // Whatever matches and ends here, conditions on what follows included, lies within its greatest length on either side.
    private bool? IsMatchNear(ReadOnlySpan<char> text, int end, RunBudget budget)
    {
        var from = Math.Max(0, end - longest - 2);
        var to = Math.Min(text.Length, end + longest + 2);
        try
        {
            foreach (var match in Made(budget).EnumerateMatches(text[..to], from)) return to == text.Length || match.Index + longest < to ? true : null;
            return false;
        }
        catch (RegexMatchTimeoutException)
        {
            budget.TimedOut++;
            return false;
        }
    }

    /// <summary>Whether the text may match; <paramref name="sure"/> where that it does is certain.</summary>
    internal bool MayMatch(ReadOnlySpan<byte> octets, RunBudget budget, out bool sure)
    {
        sure = false;
        if (IsTooShort(octets.Length)) return false;
        if (!IsRegular && asked > FewAsked && passed > asked / 2) return true;
        if (Automaton is not { } fast) return true;
        var found = 0UL;
        var finished = fast.Find(octets, ref found, budget);
        if (fast.IsTooLarge) (withoutAutomaton, automaton) = (true, null);
        sure = IsRegular && found != 0;
        if (!IsRegular && !withoutAutomaton) (asked, passed) = (asked + 1, found != 0 ? passed + 1 : passed);
        return found != 0 || !finished;
    }

    private PatternAutomaton? Automaton
    {
        get
        {
            if (automaton is { } made || withoutAutomaton) return automaton;
            automaton = made = PatternAutomaton.Of([Root], MostPlaces);
            if (made is null) withoutAutomaton = true;
            return made;
        }
    }

    /// <summary>Whether the text matches; false, and <see cref="RunBudget.TimedOut"/> counted up, where that took too long to find out.</summary>
    internal bool IsMatch(ReadOnlySpan<char> text, RunBudget budget)
    {
        if (IsTooShort(text.Length)) return false;
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
        if (IsTooShort(text.Length)) return 0;
        var count = 0;
        var made = Made(budget);
        var begun = Stopwatch.GetTimestamp();
        try
        {
            foreach (var _ in made.EnumerateMatches(text))
            {
                if (++count >= most) break;
            }
        }
        catch (RegexMatchTimeoutException)
        {
            budget.TimedOut++;
        }
        Spend(Stopwatch.GetTimestamp() - begun);
        return count;
    }

    /// <summary>The first match with its groups; null where there is none.</summary>
    internal Match? Match(string text, RunBudget budget)
    {
        if (IsTooShort(text.Length)) return null;
        var made = Made(budget);
        var begun = Stopwatch.GetTimestamp();
        try
        {
            var match = made.Match(text);
            return match.Success ? match : null;
        }
        catch (RegexMatchTimeoutException)
        {
            budget.TimedOut++;
            return null;
        }
        finally
        {
            Spend(Stopwatch.GetTimestamp() - begun);
        }
    }

    private Regex Made(RunBudget budget)
    {
        if (regex is { } made) return made;
        var begun = ThreadTime.Now;
        regex = made = new Regex(ToString(), RegexOptions.CultureInvariant, MatchTime);
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
        var pattern = ToString();
        if (IsRegular && pattern.Length <= LongestRegular)
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
}
