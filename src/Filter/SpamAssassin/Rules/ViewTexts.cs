using Sternpost.Filter.SpamAssassin.Patterns;

namespace Sternpost.Filter.SpamAssassin.Rules;

/// <summary>The texts of one view of a message, kept for rules that wait: as octets each is made once, when the first of them runs.</summary>
/// <param name="texts">The texts.</param>
/// <param name="beginsWithSubject">Whether the first is the subject.</param>
internal sealed class ViewTexts(IReadOnlyList<string> texts, bool beginsWithSubject)
{
    /// <summary>In place of a number: all of them.</summary>
    internal const int Each = -1;

    private byte[]?[]? octets;
    private int length = -1;

    internal int Count => texts.Count;

    internal string this[int text] => texts[text];

    internal bool IsSubject(int text) => beginsWithSubject && text == 0;

    internal ReadOnlySpan<byte> Octets(int text)
    {
        octets ??= new byte[texts.Count][];
        return octets[text] ??= ByteText.Octets(texts[text]);
    }

    /// <summary>Octets a rule reads that runs on one of the texts, or on <see cref="Each"/>.</summary>
    internal int LengthOf(int text) => text != Each ? texts[text].Length : length >= 0 ? length : length = texts.Sum(one => one.Length);
}
