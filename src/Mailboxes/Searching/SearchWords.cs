using System.Text;

namespace Sternpost.Mailboxes.Searching;

/// <summary>
/// Text made ready for a word index. Chinese, Japanese and Thai have no spaces between words, so each pair of their letters becomes a word,
/// and the last letter of a run one of its own: any two letters or more are then found as a phrase of pairs, and a single one as the beginning of a pair.
/// </summary>
internal static class SearchWords
{
    internal static string Prepare(string text) => Split(text, lastAlone: true);

    /// <summary>The same for what is looked for, whose last pair may go on.</summary>
    internal static string Query(string term) => Split(term, lastAlone: false);

    private static string Split(string text, bool lastAlone)
    {
        var first = text.AsSpan().IndexOfAnyExceptInRange('\0', '\u0dff');
        if (first < 0) return text;
        var split = new StringBuilder(text.Length * 2);
        Rune? before = null;
        var paired = false;
        foreach (var rune in text.EnumerateRunes())
        {
            if (!IsUnspaced(rune.Value))
            {
                End();
                split.Append(rune);
                continue;
            }
            if (before is { } last) Word(last, rune);
            else split.Append(' ');
            paired = before is not null;
            before = rune;
        }
        End();
        return split.ToString();

        void Word(Rune one, Rune two) => split.Append(one).Append(two).Append(' ');

        void End()
        {
            if (before is { } last && (lastAlone || !paired)) split.Append(last).Append(' ');
            (before, paired) = (null, false);
        }
    }

    private static bool IsUnspaced(int point) => point is
        (>= 0x0E00 and <= 0x0EFF) or (>= 0x1000 and <= 0x109F) or (>= 0x1780 and <= 0x17FF)
        or (>= 0x3041 and <= 0x30FF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x4E00 and <= 0x9FFF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x20000 and <= 0x3FFFF);
}
