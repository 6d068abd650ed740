using System.Buffers;
using Sternpost.Messages.Addresses;
using Sternpost.Messages.Text;
using Sternpost.Smtp.Grammar;

namespace Sternpost.Smtp.Policy.Submission;

/// <summary>
/// mailbox-list of RFC 5322 §3.4 as From and Sender hold it, read strictly: programs that show a message guess at what is malformed, and
/// each guesses another author. Our users' programs write it well. Groups (RFC 6854) name no author and are refused.
/// </summary>
internal static class MailboxList
{
    private const int MaxMailboxes = 50;
    private const int MaxLength = 16 * 1024;

    private static readonly SearchValues<byte> Special =
        SearchValues.Create([.. "()<>[]:;@\\,\" \x7f"u8, .. Enumerable.Range(0, 32).Select(octet => (byte)octet)]);

    /// <summary>Adds the addresses; false where the text is anything else.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> text, List<EmailAddress> addresses)
    {
        if (text.Length > MaxLength) return false;
        while (true)
        {
            if (addresses.Count == MaxMailboxes || !TryReadMailbox(ref text, out var address)) return false;
            addresses.Add(address!);
            if (text.IsEmpty) return true;
            if (text[0] != ',') return false;
            text = text[1..];
        }
    }

    // mailbox = name-addr / addr-spec; name-addr = [display-name] angle-addr
    private static bool TryReadMailbox(ref ReadOnlySpan<byte> text, out EmailAddress? address)
    {
        if (!CommentsAndSpace.TrySkip(ref text)) { address = null; return false; }
        var start = text;
        // An addr-spec is tried first: a phrase holds no at sign, so at most one of the two can be there.
        if (TryReadAddress(ref text, out address) && CommentsAndSpace.TrySkip(ref text) && (text.IsEmpty || text[0] == ',')) return true;
        text = start;
        address = null;
        if (!SkipPhrase(ref text) || text.IsEmpty || text[0] != '<') return false;
        text = text[1..];
        if (!CommentsAndSpace.TrySkip(ref text) || !TryReadAddress(ref text, out address) || !CommentsAndSpace.TrySkip(ref text)) return false;
        if (text.IsEmpty || text[0] != '>') return false;
        text = text[1..];
        return CommentsAndSpace.TrySkip(ref text);
    }

    private static bool TryReadAddress(ref ReadOnlySpan<byte> text, out EmailAddress? address) =>
        Mailbox.Read(ref text, out address) == MailboxFault.None;

    // phrase = 1*word / obs-phrase: atoms, quoted strings, dots and comments in any order.
    private static bool SkipPhrase(ref ReadOnlySpan<byte> text)
    {
        while (!text.IsEmpty)
        {
            if (!CommentsAndSpace.TrySkip(ref text)) return false;
            if (text.IsEmpty || text[0] == '<') return true;
            if (text[0] == '"')
            {
                if (!SkipQuotedString(ref text)) return false;
                continue;
            }
            // Specials but the dot end the phrase (RFC 5322 §3.2.3); controls are nowhere allowed.
            var length = text.IndexOfAny(Special);
            if (length == 0 || text[0] < ' ') return false;
            text = length < 0 ? [] : text[length..];
        }
        return true;
    }

    private static bool SkipQuotedString(ref ReadOnlySpan<byte> text)
    {
        for (var i = 1; i < text.Length; i++)
        {
            if (text[i] == '\\') i++;
            else if (text[i] == '"')
            {
                text = text[(i + 1)..];
                return true;
            }
        }
        return false;
    }
}
