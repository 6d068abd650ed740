using Sternpost.Sieve.Running;

namespace Sternpost.Sieve.Matching;

/// <summary>
/// <c>:matches</c> (RFC 5228 §2.7.1): <c>*</c> stands for any characters, as few as will do (RFC 5229 §3.2), <c>?</c> for one, a backslash
/// takes the meaning from what follows. Each part between stars is looked for where it comes first, so the work is at most the
/// product of both lengths and never more.
/// </summary>
internal static class Wildcards
{
    /// <summary>Whether the whole text is as the pattern says; <paramref name="values"/> gets what each wildcard stood for.</summary>
    internal static bool Match(string text, string pattern, Comparator comparator, Budget budget, int line, List<string>? values)
    {
        var (haystack, parts) = (comparator.Fold(text), Parts(comparator.Fold(pattern)));
        var at = 0;
        values?.Clear();
        for (var index = 0; index < parts.Count; index++)
        {
            var part = parts[index];
            var found = -1;
            if (index == 0) found = part.Fits(haystack, 0) ? 0 : -1;
            else if (index == parts.Count - 1) found = haystack.Length - part.Length >= at && part.Fits(haystack, haystack.Length - part.Length) ? haystack.Length - part.Length : -1;
            else
            {
                for (var start = at; start <= haystack.Length - part.Length; start++)
                {
                    budget.Spend(1 + (part.Length / 8), line);
                    if (!part.Fits(haystack, start)) continue;
                    found = start;
                    break;
                }
            }
            if (found < 0) return false;
            if (index > 0) values?.Add(text[at..found]);
            if (values is not null)
            {
                foreach (var any in part.Anys) values.Add(text.Substring(found + any, 1));
            }
            at = found + part.Length;
        }
        return at == haystack.Length;
    }

    private static List<Part> Parts(string pattern)
    {
        List<Part> parts = [];
        List<char> characters = [];
        List<int> anys = [];
        for (var at = 0; at < pattern.Length; at++)
        {
            switch (pattern[at])
            {
                case '*':
                    parts.Add(new Part([.. characters], [.. anys]));
                    characters.Clear();
                    anys.Clear();
                    continue;
                case '?':
                    anys.Add(characters.Count);
                    characters.Add('?');
                    continue;
                case '\\' when at + 1 < pattern.Length:
                    at++;
                    break;
            }
            characters.Add(pattern[at]);
        }
        parts.Add(new Part([.. characters], [.. anys]));
        return parts;
    }

    /// <summary>What is between two stars.</summary>
    /// <param name="characters">Its characters.</param>
    /// <param name="anys">The places among them that stand for any character.</param>
    private sealed class Part(char[] characters, int[] anys)
    {
        internal int Length => characters.Length;

        internal int[] Anys => anys;

        internal bool Fits(string text, int at)
        {
            if (at < 0 || at + characters.Length > text.Length) return false;
            if (anys.Length == 0) return text.AsSpan(at, characters.Length).SequenceEqual(characters);
            for (var index = 0; index < characters.Length; index++)
            {
                if (characters[index] != text[at + index] && !(characters[index] == '?' && Array.IndexOf(anys, index) >= 0)) return false;
            }
            return true;
        }
    }
}
