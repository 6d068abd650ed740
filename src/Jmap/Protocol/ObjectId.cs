using System.Globalization;

namespace Sternpost.Jmap.Protocol;

/// <summary>
/// Ids (RFC 8620 §1.2) from the store's numbers. Those of emails, threads and mailboxes are the object ids that IMAP gives
/// (RFC 8474 §4), so that a client of both knows a message again. The letter keeps kinds apart.
/// </summary>
internal static class ObjectId
{
    internal const char Account = 'A';
    internal const char Mailbox = 'F';
    internal const char Email = 'M';
    internal const char Thread = 'T';
    internal const char Identity = 'I';
    internal const char Submission = 'S';
    internal const char Subscription = 'P';
    internal const char Upload = 'U';
    internal const char Quota = 'Q';
    internal const char SenderRule = 'R';
    internal const char ContactCard = 'C';
    internal const char Label = 'L';
    internal const char MaskedAddress = 'X';

    internal static string Of(char kind, long id) => string.Create(CultureInfo.InvariantCulture, $"{kind}{id}");

    /// <summary>The number; false for anything that <see cref="Of"/> would not have written.</summary>
    internal static bool TryRead(char kind, ReadOnlySpan<char> text, out long id)
    {
        id = 0;
        if (text.Length is < 2 or > 20 || text[0] != kind || !char.IsAsciiDigit(text[1]) || (text[1] == '0' && text.Length > 2)) return false;
        return long.TryParse(text[1..], NumberStyles.None, CultureInfo.InvariantCulture, out id);
    }

    /// <summary>Whether a text may be an id at all: 1 to 255 of A-Z a-z 0-9 - _.</summary>
    internal static bool IsWellFormed(string text)
    {
        if (text.Length is 0 or > 255) return false;
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_')) return false;
        }
        return true;
    }
}
