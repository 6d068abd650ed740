namespace Sternpost.Filter.Classifier;

/// <summary>Runs of five characters of subject and visible text, in lower case, digits made alike: what survives a misspelling and a new number.</summary>
internal static class TextGrams
{
    private const int Length = 5;
    private const int MaxCharacters = 2500;

    internal static void Add(ReadOnlySpan<char> text, uint field, FeatureSet set)
    {
        Span<char> window = stackalloc char[Length];
        window.Fill(' ');
        text = text[..Math.Min(text.Length, MaxCharacters)];
        var filled = 1;
        foreach (var c in text) Push(Normal(c), window, ref filled, field, set);
        Push(' ', window, ref filled, field, set);
    }

    private static void Push(char c, Span<char> window, ref int filled, uint field, FeatureSet set)
    {
        if (c == ' ' && window[^1] == ' ') return;
        window[1..].CopyTo(window);
        window[^1] = c;
        if (++filled >= Length) set.Add(WordHash.OfLower(field, window));
    }

    private static char Normal(char c)
    {
        if (c < 0x80) return c is >= 'A' and <= 'Z' ? (char)(c | 0x20) : char.IsAsciiDigit(c) ? '0' : c;
        return char.IsDigit(c) ? '0' : char.ToLowerInvariant(c);
    }
}
