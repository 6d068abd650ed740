using System.Buffers;

namespace Sternpost.Filter.Judges.Fraud;

/// <summary>Counts which of a few groups of phrases a text holds: one phrase may stand anywhere, several kinds of them together tell a story.</summary>
internal sealed class PhraseCount(params string[][] groups)
{
    private readonly SearchValues<string>[] groups = [.. groups.Select(group => SearchValues.Create(group, StringComparison.OrdinalIgnoreCase))];

    internal int In(ReadOnlySpan<char> text)
    {
        var found = 0;
        foreach (var group in groups)
        {
            if (text.ContainsAny(group)) found++;
        }
        return found;
    }
}
