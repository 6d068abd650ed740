using Sternpost.Messages.Text;

namespace Sternpost.Imap.Grammar;

/// <summary>mailbox = "INBOX" / astring (RFC 9051 §9), to the name the store knows.</summary>
internal static class MailboxNameGrammar
{
    /// <summary>The hierarchy separator of all names.</summary>
    internal const char Separator = '/';

    // The store has its own limit; this one keeps absurd names from being carried there.
    private const int Longest = 2000;

    /// <summary>A mailbox name, decoded from modified UTF-7 where names are so written. INBOX comes out in upper case.</summary>
    internal static bool TryName(ref ImapScanner scanner, out string name) =>
        scanner.AString(out name) && TryDecode(ref scanner, ref name);

    /// <summary>Decodes what was read as a name or a pattern.</summary>
    internal static bool TryDecode(ref ImapScanner scanner, ref string name)
    {
        if (name.Length > Longest) return scanner.Fail("A mailbox name is too long");
        // Octets beyond ASCII cannot be modified UTF-7: a client that sends them means UTF-8, whatever it enabled.
        if (!scanner.Utf8Names && System.Text.Ascii.IsValid(name) && !ModifiedUtf7.TryDecode(name, out name))
        {
            // Well-formed, but the name of nothing: NUL is in no mailbox's name, so it is not found and cannot be created.
            name = "\0";
            return true;
        }
        if (name.AsSpan().ContainsAnyInRange('\0', '\u001F') || name.Contains('\u007F')) return scanner.Fail("A mailbox name must not contain control characters");
        // RFC 9051 §5.1: INBOX in any case is INBOX; so is the first level of a name below it.
        if (name.StartsWith("INBOX", StringComparison.OrdinalIgnoreCase) && (name.Length == 5 || name[5] == Separator)) name = "INBOX" + name[5..];
        return true;
    }
}
