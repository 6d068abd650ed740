using System.Text;
using System.Text.RegularExpressions;
using Sternpost.Sieve.Running;

namespace Sternpost.Sieve.Matching;

/// <summary>
/// <c>:regex</c>: POSIX extended regular expressions, run by an automaton without backtracking wherever the expression has none of the
/// things that need it, so that time grows with the text alone; the rest runs under a clock.
/// </summary>
internal sealed class RegexPattern
{
    private const int MaxPattern = 16 * 1024;

    private readonly Regex regex;

    private RegexPattern(Regex regex) => this.regex = regex;

    /// <summary>Null with the reason where it is none.</summary>
    internal static RegexPattern? TryMake(string pattern, bool ignoreCase, out string problem)
    {
        problem = "";
        if (pattern.Length > MaxPattern)
        {
            problem = $"the regular expression is longer than {MaxPattern} characters";
            return null;
        }
        if (Translate(pattern, out problem) is not { } translated) return null;
        var options = RegexOptions.CultureInvariant | (ignoreCase ? RegexOptions.IgnoreCase : RegexOptions.None);
        try
        {
            return new RegexPattern(new Regex(translated, options | RegexOptions.NonBacktracking, Budget.RegexTime));
        }
        catch (NotSupportedException)
        {
            // Too many states for an automaton.
            return new RegexPattern(new Regex(translated, options, Budget.RegexTime));
        }
        catch (ArgumentException wrong)
        {
            problem = $"the regular expression is not valid: {wrong.Message}";
            return null;
        }
    }

    /// <summary>Whether it is found in the text; <paramref name="values"/> gets the whole and its groups.</summary>
    internal bool Match(string text, Budget budget, int line, List<string>? values)
    {
        budget.Spend(text.Length, line);
        var begun = System.Diagnostics.Stopwatch.GetTimestamp();
        try
        {
            var match = regex.Match(text);
            budget.RegexSpent += System.Diagnostics.Stopwatch.GetElapsedTime(begun);
            if (budget.RegexSpent > Budget.AllRegexTime) throw new ScriptFailure(line, "the regular expressions of the script take too long: execution exceeded its CPU time limit");
            if (!match.Success) return false;
            values?.Clear();
            if (values is not null)
            {
                foreach (Group group in match.Groups) values.Add(group.Value);
            }
            return true;
        }
        catch (RegexMatchTimeoutException)
        {
            throw new ScriptFailure(line, "the regular expression takes too long: execution exceeded its CPU time limit");
        }
    }

    // POSIX has no \d, no lazy quantifiers, no groups that begin with a question mark; in brackets a backslash is itself, and classes have names.
    private static string? Translate(string pattern, out string problem)
    {
        problem = "";
        var text = new StringBuilder(pattern.Length + 16);
        for (var at = 0; at < pattern.Length; at++)
        {
            var c = pattern[at];
            switch (c)
            {
                case '\\':
                    if (at + 1 == pattern.Length)
                    {
                        problem = "the regular expression is not valid: it ends in a backslash";
                        return null;
                    }
                    c = pattern[++at];
                    // \< \> \b \w and the like are what the usual libraries add; a digit would be a reference back.
                    if (c is 'w' or 'W' or 'b' or 'B' or 's' or 'S' or 'd' or 'D') text.Append('\\').Append(c);
                    else text.Append(Regex.Escape(c.ToString()));
                    break;
                case '[':
                    if (Bracket(pattern, ref at, text)) break;
                    problem = "the regular expression is not valid: a bracket has no end";
                    return null;
                case '(' when at + 1 < pattern.Length && pattern[at + 1] == '?':
                    problem = "the regular expression is not valid: a question mark has nothing before it";
                    return null;
                case '*' or '+' or '?' when at + 1 < pattern.Length && pattern[at + 1] is '?' or '+':
                    problem = "the regular expression is not valid: two repetitions follow one another";
                    return null;
                default:
                    text.Append(c);
                    break;
            }
        }
        return text.ToString();
    }

    private static bool Bracket(string pattern, ref int at, StringBuilder text)
    {
        text.Append('[');
        var index = at + 1;
        if (index < pattern.Length && pattern[index] == '^')
        {
            text.Append('^');
            index++;
        }
        // A closing bracket that comes first is a member.
        if (index < pattern.Length && pattern[index] == ']')
        {
            text.Append(@"\]");
            index++;
        }
        for (; index < pattern.Length; index++)
        {
            var c = pattern[index];
            if (c == ']')
            {
                text.Append(']');
                at = index;
                return true;
            }
            if (c == '[' && index + 1 < pattern.Length && pattern[index + 1] == ':' && pattern.IndexOf(":]", index + 2, StringComparison.Ordinal) is > 0 and var end)
            {
                if (Class(pattern[(index + 2)..end]) is not { } known) return false;
                text.Append(known);
                index = end + 1;
                continue;
            }
            if (c is '\\' or '[' or '^') text.Append('\\');
            text.Append(c);
        }
        return false;
    }

    private static string? Class(string name) => name switch
    {
        "alpha" => @"\p{L}",
        "digit" => "0-9",
        "alnum" => @"\p{L}0-9",
        "upper" => @"\p{Lu}",
        "lower" => @"\p{Ll}",
        "space" => @"\s",
        "blank" => @" \t",
        "punct" => @"!-/:-@\[-`{-~",
        "print" => @" -~\u00a0-\uffff",
        "graph" => @"!-~\u00a1-\uffff",
        "cntrl" => @"\x00-\x1f\x7f",
        "xdigit" => "0-9A-Fa-f",
        _ => null,
    };
}
