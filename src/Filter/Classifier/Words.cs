namespace Sternpost.Filter.Classifier;

/// <summary>Cuts text into words: runs of letters and digits, single characters of scripts written without spaces, marks that shout.</summary>
internal static class Words
{
    private const int MaxLength = 40;

    internal static bool Next(ReadOnlySpan<char> text, ref int position, out ReadOnlySpan<char> word)
    {
        while (position < text.Length)
        {
            var c = text[position];
            if (IsIdeograph(c) || c is '!' or '$' or '%' or '\u20AC' or '\u00A3')
            {
                word = text.Slice(position++, 1);
                return true;
            }
            if (IsWordCharacter(c))
            {
                var start = position++;
                while (position < text.Length && (IsWordCharacter(text[position]) || IsJoiner(text, position))) position++;
                word = text[start..Math.Min(position, start + MaxLength)];
                return true;
            }
            position++;
        }
        word = default;
        return false;
    }

    private static bool IsWordCharacter(char c) =>
        c < 0x80 ? char.IsAsciiLetterOrDigit(c) : !IsIdeograph(c) && (char.IsLetterOrDigit(c) || char.IsSurrogate(c));

    // "don't", "1.000", "example.com" and "e-mail" are one word each.
    private static bool IsJoiner(ReadOnlySpan<char> text, int position) =>
        text[position] is '\'' or '.' or '-' or '@' && position + 1 < text.Length && IsWordCharacter(text[position + 1]);

    private static bool IsIdeograph(char c) => c is (>= '\u3040' and <= '\u30FF') or (>= '\u3400' and <= '\u9FFF') or (>= '\uF900' and <= '\uFAFF');
}
