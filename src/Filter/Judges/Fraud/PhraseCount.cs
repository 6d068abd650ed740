namespace Sternpost.Filter.Judges.Fraud;

/// <summary>Counts which of a few groups of phrases a text holds: one phrase may stand anywhere, several kinds of them together tell a story.</summary>
internal sealed class PhraseCount(params string[][] groups)
{
    private readonly Phrases[] groups = [.. groups.Select(group => new Phrases(group))];

    internal int In(ReadOnlySpan<char> text)
    {
        var found = 0;
        foreach (var group in groups)
        {
            if (group.IsIn(text)) found++;
        }
        return found;
    }
}
