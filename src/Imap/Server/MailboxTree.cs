using Sternpost.Imap.Grammar;
using Sternpost.Imap.Responses;
using Sternpost.Mailboxes;

namespace Sternpost.Imap.Server;

/// <summary>One name in the hierarchy; no mailbox where only its children exist.</summary>
internal sealed record TreeName(string Name, Mailbox? Mailbox)
{
    internal bool HasChildren { get; set; }

    internal bool IsSubscribed => Mailbox?.Subscribed ?? IsLost;

    /// <summary>Subscribed, although it has no mailbox any more.</summary>
    internal bool IsLost { get; set; }
}

/// <summary>The account's mailboxes with the parents that are only names (RFC 9051 §6.3.9: % must show those too).</summary>
internal static class MailboxTree
{
    /// <summary>All names: INBOX first, then the others in order.</summary>
    /// <param name="mailboxes">The mailboxes.</param>
    /// <param name="lost">Subscribed names without a mailbox, where those are asked for.</param>
    internal static IReadOnlyList<TreeName> Of(IReadOnlyList<Mailbox> mailboxes, IReadOnlyList<string>? lost = null)
    {
        var names = new Dictionary<string, TreeName>();
        foreach (var mailbox in mailboxes) names[mailbox.Name] = new TreeName(mailbox.Name, mailbox);
        foreach (var mailbox in mailboxes)
        {
            for (var end = mailbox.Name.LastIndexOf(MailboxNameGrammar.Separator); end > 0; end = mailbox.Name.LastIndexOf(MailboxNameGrammar.Separator, end - 1))
            {
                var parent = mailbox.Name[..end];
                if (!names.TryGetValue(parent, out var node)) names[parent] = node = new TreeName(parent, null);
                node.HasChildren = true;
            }
        }
        foreach (var name in lost ?? [])
        {
            if (!names.TryGetValue(name, out var node)) names[name] = node = new TreeName(name, null);
            node.IsLost = node.Mailbox is null;
        }
        return [.. names.Values.OrderBy(node => node.Name != "INBOX").ThenBy(node => node.Name, StringComparer.Ordinal)];
    }

    /// <summary>The names above subscribed mailboxes that no pattern shows: what RECURSIVEMATCH adds (RFC 9051 §6.3.9.6).</summary>
    internal static HashSet<string> AboveUnshown(IReadOnlyList<Mailbox> mailboxes, IReadOnlyList<MailboxPattern> patterns)
    {
        var above = new HashSet<string>(StringComparer.Ordinal);
        foreach (var mailbox in mailboxes)
        {
            if (!mailbox.Subscribed || patterns.Any(pattern => pattern.Matches(mailbox.Name))) continue;
            for (var end = mailbox.Name.LastIndexOf(MailboxNameGrammar.Separator); end > 0; end = mailbox.Name.LastIndexOf(MailboxNameGrammar.Separator, end - 1)) above.Add(mailbox.Name[..end]);
        }
        return above;
    }
}
