namespace Sternpost.Mailboxes.Searching;

/// <summary>What a person types to search (RFC 8621 §4.4.1): words, and phrases in single or double quotes. All of them are to be found.</summary>
public static class SearchTerms
{
    private const int Most = 32;

    /// <summary>The words and phrases; empty where there are none.</summary>
    public static IReadOnlyList<string> Parse(string text)
    {
        var terms = new List<string>();
        for (var i = 0; i < text.Length && terms.Count < Most;)
        {
            if (char.IsWhiteSpace(text[i]))
            {
                i++;
                continue;
            }
            // A quote opens a phrase only where a word could begin: "don't" is a word.
            var quote = text[i] is '"' or '\'' ? text[i] : '\0';
            var start = quote == '\0' ? i : i + 1;
            var end = start;
            while (end < text.Length && (quote == '\0' ? !char.IsWhiteSpace(text[end]) : text[end] != quote)) end++;
            if (text[start..end].Trim() is { Length: > 0 } term) terms.Add(term);
            i = end + (quote == '\0' ? 0 : 1);
        }
        return terms;
    }
}
