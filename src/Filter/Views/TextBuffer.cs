namespace Sternpost.Filter.Views;

/// <summary>
/// Collects text in its normal form: compatibility letters folded to plain ones, invisible characters counted and dropped,
/// runs of white space made one. Bounded; what comes after the budget is ignored.
/// </summary>
internal sealed class TextBuffer(int capacity)
{
    private char[] chars = new char[Math.Min(capacity, 2048)];

    internal int Length { get; private set; }

    /// <summary>Zero-width, bidirectional-control and soft-hyphen characters met.</summary>
    internal int Invisible { get; private set; }

    internal bool IsFull => Length >= capacity;

    internal ReadOnlySpan<char> Span => chars.AsSpan(0, Length);

    public override string ToString() => new(Span);

    internal void Append(ReadOnlySpan<char> text)
    {
        for (var i = 0; i < text.Length && Length < capacity; i++)
        {
            var c = text[i];
            if (c is > ' ' and < '\x7f') Put(c);
            else if (c <= ' ' || c == '\x7f' || char.IsWhiteSpace(c)) Break();
            else if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1])) AppendPair(c, text[++i]);
            else AppendWide(c);
        }
    }

    /// <summary>One space between words, never two.</summary>
    internal void Break()
    {
        if (Length > 0 && chars[Length - 1] != ' ') Put(' ');
    }

    private void AppendWide(char c)
    {
        if (CharacterFolding.IsInvisible(c)) Invisible++;
        else Put(CharacterFolding.Fold(c));
    }

    private void AppendPair(char high, char low)
    {
        var folded = CharacterFolding.FoldSupplementary(char.ConvertToUtf32(high, low));
        if (folded == CharacterFolding.Dropped) Invisible++;
        else if (folded != '\0') Put(folded);
        else if (Length + 1 < capacity)
        {
            Put(high);
            Put(low);
        }
    }

    private void Put(char c)
    {
        if (Length >= capacity) return;
        if (Length == chars.Length) Array.Resize(ref chars, Math.Min(capacity, chars.Length * 2));
        chars[Length++] = c;
    }
}
