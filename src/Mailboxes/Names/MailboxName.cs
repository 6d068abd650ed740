using System.Diagnostics.CodeAnalysis;
using System.Text;
using Sternpost.Messages.Text;

namespace Sternpost.Mailboxes.Names;

/// <summary>
/// A mailbox name that the store keeps: levels separated by "/", Unicode in normal form C (RFC 9051 §5.1), INBOX in capitals as a
/// first level. Made only by parsing, so that no two spellings of one name ever stand beside each other.
/// </summary>
internal readonly record struct MailboxName
{
    internal const string Inbox = "INBOX";
    internal const char Separator = '/';
    internal const int MaxDepth = 32;
    internal const int MaxLevelOctets = 255;
    internal const int MaxOctets = 1000;

    private MailboxName(string text) => Text = text;

    internal string Text { get; }

    /// <summary>The mailbox one level up, or null at the top.</summary>
    internal MailboxName? Parent => Text.LastIndexOf(Separator) is > 0 and var at ? new MailboxName(Text[..at]) : null;

    /// <summary>True where this one lies below <paramref name="other"/>.</summary>
    internal bool IsBelow(MailboxName other) =>
        Text.Length > other.Text.Length && Text[other.Text.Length] == Separator && Text.StartsWith(other.Text, StringComparison.Ordinal);

    /// <summary>Parses what a client sends, already decoded from its protocol's encoding.</summary>
    internal static bool TryParse(string? text, [NotNullWhen(true)] out MailboxName? name)
    {
        name = null;
        if (string.IsNullOrEmpty(text) || text.Length > MaxOctets || !HasOnlyAllowedCharacters(text)) return false;
        text = NormalFormC.Of(text);
        var levels = text.Split(Separator);
        if (levels.Length > MaxDepth || Encoding.UTF8.GetByteCount(text) > MaxOctets) return false;
        foreach (var level in levels)
        {
            if (level.Length == 0 || Encoding.UTF8.GetByteCount(level) > MaxLevelOctets) return false;
        }
        if (levels[0].Equals(Inbox, StringComparison.OrdinalIgnoreCase)) text = Inbox + text[Inbox.Length..];
        name = new MailboxName(text);
        return true;
    }

    // RFC 9051 §5.1: no controls, no line and paragraph separators; and not the wildcards of LIST, which no client could
    // then name exactly.
    private static bool HasOnlyAllowedCharacters(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (char.IsControl(c) || c is '%' or '*' or '\u2028' or '\u2029' or '\ufeff' or >= '\ufffe') return false;
            if (!char.IsSurrogate(c)) continue;
            if (!char.IsHighSurrogate(c) || i + 1 == text.Length || !char.IsLowSurrogate(text[i + 1])) return false;
            i++;
        }
        return true;
    }
}
