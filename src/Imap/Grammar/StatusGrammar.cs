namespace Sternpost.Imap.Grammar;

/// <summary>status-att (RFC 9051 §9; RFC 7162, RFC 7889, RFC 8474).</summary>
internal enum StatusItem
{
    Messages,
    Recent,
    UidNext,
    UidValidity,
    Unseen,
    Deleted,
    Size,
    HighestModSeq,
    AppendLimit,
    MailboxId,
}

/// <summary>"(" status-att *(SP status-att) ")".</summary>
internal static class StatusGrammar
{
    /// <summary>The list; each item once, in the order first asked.</summary>
    internal static bool TryItems(ref ImapScanner scanner, out IReadOnlyList<StatusItem> items)
    {
        var asked = new List<StatusItem>();
        items = asked;
        if (!scanner.Expect('(')) return false;
        do
        {
            if (!scanner.Name(out var name)) return false;
            StatusItem? item = name switch
            {
                "MESSAGES" => StatusItem.Messages,
                "RECENT" => StatusItem.Recent,
                "UIDNEXT" => StatusItem.UidNext,
                "UIDVALIDITY" => StatusItem.UidValidity,
                "UNSEEN" => StatusItem.Unseen,
                "DELETED" => StatusItem.Deleted,
                "SIZE" => StatusItem.Size,
                "HIGHESTMODSEQ" => StatusItem.HighestModSeq,
                "APPENDLIMIT" => StatusItem.AppendLimit,
                "MAILBOXID" => StatusItem.MailboxId,
                _ => null,
            };
            if (item is null) return scanner.Fail($"There is no status item {name}");
            if (!asked.Contains(item.Value)) asked.Add(item.Value);
        }
        while (scanner.Take(' '));
        return scanner.Expect(')');
    }
}
