using Sternpost.Imap.Grammar;

namespace Sternpost.Imap.Responses;

/// <summary>
/// A LIST pattern: <c>*</c> stands for anything, <c>%</c> for anything within one level (RFC 9051 §6.3.9). Matched by keeping the
/// set of positions reached, so that no pattern takes more than its length times the name's.
/// </summary>
internal sealed class MailboxPattern
{
    private readonly string pattern;

    internal MailboxPattern(string reference, string pattern)
    {
        // A separator both ends the reference and begins the pattern when clients join them carelessly.
        var joined = reference.Length > 0 && reference[^1] == MailboxNameGrammar.Separator && pattern.StartsWith(MailboxNameGrammar.Separator) ? reference + pattern[1..] : reference + pattern;
        this.pattern = joined;
    }

    internal bool Matches(string name)
    {
        // INBOX alone is case-insensitive (RFC 9051 §5.1).
        var fold = name == "INBOX";
        var reached = pattern.Length < 512 ? stackalloc bool[pattern.Length + 1] : new bool[pattern.Length + 1];
        reached.Clear();
        reached[0] = true;
        Widen(reached);
        foreach (var character in name)
        {
            // From the back, so that each position still shows what the last character left.
            for (var i = pattern.Length; i >= 0; i--)
            {
                var stays = i < pattern.Length && reached[i] && (pattern[i] == '*' || pattern[i] == '%' && character != MailboxNameGrammar.Separator);
                var comes = i > 0 && reached[i - 1] && Same(pattern[i - 1], character, fold);
                reached[i] = stays || comes;
            }
            Widen(reached);
        }
        return reached[pattern.Length];
    }

    // A wildcard may stand for nothing.
    private void Widen(Span<bool> reached)
    {
        for (var i = 0; i < pattern.Length; i++)
        {
            if (reached[i] && pattern[i] is '*' or '%') reached[i + 1] = true;
        }
    }

    private static bool Same(char expected, char character, bool fold) =>
        expected is not ('*' or '%') && (expected == character || fold && char.ToUpperInvariant(expected) == character);
}
