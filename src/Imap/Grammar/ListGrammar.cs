namespace Sternpost.Imap.Grammar;

/// <summary>What a LIST asks (RFC 9051 §6.3.9, RFC 5258).</summary>
/// <param name="Reference">The reference name, put before each pattern.</param>
/// <param name="Patterns">Patterns with * and %.</param>
/// <param name="Extended">True where the client wrote selection options, return options or several patterns.</param>
/// <param name="Subscribed">Only subscribed mailboxes.</param>
/// <param name="RecursiveMatch">Also parents of mailboxes that match, with CHILDINFO.</param>
/// <param name="SpecialUse">Only mailboxes with a special use (RFC 6154).</param>
/// <param name="ReturnSubscribed">Say which are subscribed.</param>
/// <param name="Status">With these facts of each mailbox (RFC 5819); null where not asked.</param>
internal sealed record ListRequest(
    string Reference,
    IReadOnlyList<string> Patterns,
    bool Extended,
    bool Subscribed,
    bool RecursiveMatch,
    bool SpecialUse,
    bool ReturnSubscribed,
    IReadOnlyList<StatusItem>? Status);

/// <summary>list = "LIST" [SP list-select-opts] SP mailbox SP mbox-or-pat [SP list-return-opts] (RFC 9051 §9).</summary>
internal static class ListGrammar
{
    private const int MostPatterns = 64;

    /// <summary>The arguments of LIST; the space before them is next.</summary>
    internal static bool TryParse(ref ImapScanner scanner, out ListRequest? request)
    {
        request = null;
        if (!scanner.Space()) return false;
        bool extended = false, subscribed = false, recursive = false, special = false;
        if (scanner.Sees('('))
        {
            extended = true;
            if (!TrySelection(ref scanner, ref subscribed, ref recursive, ref special) || !scanner.Space()) return false;
        }
        if (!scanner.AString(out var reference) || !MailboxNameGrammar.TryDecode(ref scanner, ref reference) || !scanner.Space()) return false;
        extended |= scanner.Sees('(');
        if (!TryPatterns(ref scanner, out var patterns)) return false;
        var returnSubscribed = false;
        IReadOnlyList<StatusItem>? status = null;
        if (scanner.Take(' '))
        {
            extended = true;
            if (!TryReturn(ref scanner, ref returnSubscribed, ref status)) return false;
        }
        request = new ListRequest(reference, patterns, extended, subscribed, recursive, special, returnSubscribed, status);
        return true;
    }

    /// <summary>lsub = "LSUB" SP mailbox SP list-mailbox (RFC 3501 §9).</summary>
    internal static bool TryLsub(ref ImapScanner scanner, out string reference, out string pattern)
    {
        pattern = "";
        reference = "";
        return scanner.Space() && scanner.AString(out reference) && MailboxNameGrammar.TryDecode(ref scanner, ref reference)
            && scanner.Space() && scanner.ListMailbox(out pattern) && MailboxNameGrammar.TryDecode(ref scanner, ref pattern);
    }

    // mbox-or-pat = list-mailbox / patterns; patterns = "(" list-mailbox *(SP list-mailbox) ")" (§9).
    private static bool TryPatterns(ref ImapScanner scanner, out IReadOnlyList<string> patterns)
    {
        var read = new List<string>();
        patterns = read;
        var many = scanner.Take('(');
        do
        {
            if (read.Count == MostPatterns) return scanner.Fail("Too many patterns");
            if (!scanner.ListMailbox(out var pattern) || !MailboxNameGrammar.TryDecode(ref scanner, ref pattern)) return false;
            read.Add(pattern);
        }
        while (many && scanner.Take(' '));
        return !many || scanner.Expect(')');
    }

    // list-select-opts (§9).
    private static bool TrySelection(ref ImapScanner scanner, ref bool subscribed, ref bool recursive, ref bool special)
    {
        scanner.Take('(');
        if (scanner.Take(')')) return true;
        do
        {
            if (!scanner.Name(out var name)) return false;
            switch (name)
            {
                case "SUBSCRIBED":
                    subscribed = true;
                    break;
                case "RECURSIVEMATCH":
                    recursive = true;
                    break;
                case "SPECIAL-USE":
                    special = true;
                    break;
                case "REMOTE":
                    // RFC 5258 §3.1: there are no remote mailboxes to add.
                    break;
                default:
                    return scanner.Fail($"There is no selection option {name}");
            }
        }
        while (scanner.Take(' '));
        // RFC 9051 §6.3.9.1: RECURSIVEMATCH needs another option to be recursive about.
        if (recursive && !subscribed) return scanner.Fail("RECURSIVEMATCH needs SUBSCRIBED");
        return scanner.Expect(')');
    }

    // list-return-opts = "RETURN" SP "(" [return-option *(SP return-option)] ")" (§9).
    private static bool TryReturn(ref ImapScanner scanner, ref bool subscribed, ref IReadOnlyList<StatusItem>? status)
    {
        if (!scanner.TakeName("RETURN")) return scanner.Fail("RETURN is missing");
        if (!scanner.Space() || !scanner.Expect('(')) return false;
        if (scanner.Take(')')) return true;
        do
        {
            if (!scanner.Name(out var name)) return false;
            switch (name)
            {
                case "SUBSCRIBED":
                    subscribed = true;
                    break;
                case "CHILDREN" or "SPECIAL-USE":
                    // Always said.
                    break;
                case "STATUS":
                    if (!scanner.Space() || !StatusGrammar.TryItems(ref scanner, out var items)) return false;
                    status = items;
                    break;
                default:
                    return scanner.Fail($"There is no return option {name}");
            }
        }
        while (scanner.Take(' '));
        return scanner.Expect(')');
    }
}
