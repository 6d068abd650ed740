using System.Text;
using System.Text.RegularExpressions;

namespace Sternpost.Filter.SpamAssassin.Rules;

/// <summary>The tags that <c>replace_rules</c> have in their patterns, each standing for all the ways spammers write a letter.</summary>
internal sealed partial class ReplaceTags
{
    private const int MostPasses = 6;

    internal Dictionary<string, string> Tags { get; } = new(StringComparer.Ordinal);

    internal Dictionary<string, string> Before { get; } = new(StringComparer.Ordinal);

    internal Dictionary<string, string> Between { get; } = new(StringComparer.Ordinal);

    internal Dictionary<string, string> After { get; } = new(StringComparer.Ordinal);

    internal HashSet<string> Rules { get; } = new(StringComparer.Ordinal);

    /// <summary>The pattern with its tags replaced, and replaced again where they hold tags. Only &lt; and &gt; mark tags.</summary>
    internal string Expand(string pattern, int longest)
    {
        for (var pass = 0; pass < MostPasses && pattern.Length <= longest; pass++)
        {
            var before = pattern;
            pattern = ExpandOnce(pattern, out var again);
            if (!again || pattern == before) break;
        }
        return pattern;
    }

    private string ExpandOnce(string pattern, out bool again)
    {
        again = false;
        var before = Take(ref pattern, PreTag(), Before);
        var after = Take(ref pattern, PostTag(), After);
        var between = Take(ref pattern, InterTag(), Between);
        var result = new StringBuilder(pattern.Length * 2);
        var at = 0;
        foreach (Match tag in AnyTag().Matches(pattern))
        {
            var text = pattern[at..tag.Index];
            // What stands between two tags that touch is the empty text that "inter" fills.
            result.Append(text.Length == 0 && between is not null ? between : text);
            result.Append(before);
            if (Tags.TryGetValue(tag.Groups[1].Value, out var replacement))
            {
                result.Append(replacement);
                again |= AnyTag().IsMatch(replacement);
            }
            else result.Append(tag.Value);
            result.Append(after);
            at = tag.Index + tag.Length;
        }
        return result.Append(pattern.AsSpan(at)).ToString();
    }

    private static string? Take(ref string pattern, Regex tag, Dictionary<string, string> table)
    {
        var match = tag.Match(pattern);
        if (!match.Success) return null;
        pattern = pattern.Remove(match.Index, match.Length);
        return table.GetValueOrDefault(match.Groups[1].Value);
    }

    [GeneratedRegex("<([^<>]+)>")]
    private static partial Regex AnyTag();

    [GeneratedRegex("<pre (.+?)>")]
    private static partial Regex PreTag();

    [GeneratedRegex("<post (.+?)>")]
    private static partial Regex PostTag();

    [GeneratedRegex("<inter (.+?)>")]
    private static partial Regex InterTag();
}
