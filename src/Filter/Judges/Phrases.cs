using System.Buffers;
using System.Text;

namespace Sternpost.Filter.Judges;

/// <summary>
/// A set of phrases to look for without regard to case. Those in ASCII are searched for by the processor's wide instructions; the others, which
/// cannot be, only in text that has such letters.
/// </summary>
internal sealed class Phrases
{
    private readonly SearchValues<string> ascii;
    private readonly SearchValues<string> others;

    internal Phrases(params string[] phrases)
    {
        ascii = SearchValues.Create([.. phrases.Where(phrase => Ascii.IsValid(phrase))], StringComparison.OrdinalIgnoreCase);
        others = SearchValues.Create([.. phrases.Where(phrase => !Ascii.IsValid(phrase))], StringComparison.OrdinalIgnoreCase);
    }

    internal bool IsIn(ReadOnlySpan<char> text) => IndexIn(text) >= 0;

    /// <summary>Where one of them begins; below 0 where none does.</summary>
    internal int IndexIn(ReadOnlySpan<char> text)
    {
        var first = text.IndexOfAny(ascii);
        if (Ascii.IsValid(text)) return first;
        var other = text.IndexOfAny(others);
        return first < 0 ? other : other < 0 ? first : Math.Min(first, other);
    }
}
