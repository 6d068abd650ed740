using Sternpost.Imap.Grammar;
using Sternpost.Imap.Responses;
using Sternpost.Imap.Server;

namespace Sternpost.Imap.Commands;

/// <summary>LIST (RFC 9051 §6.3.9) with selection and return options (RFC 5258, RFC 5819, RFC 6154). Names already stored are never refused.</summary>
internal sealed class ListCommand(ListRequest request) : ImapCommand
{
    internal static ImapCommand? Parse(ref ImapScanner scanner) =>
        ListGrammar.TryParse(ref scanner, out var request) ? new ListCommand(request!) : null;

    internal override async ValueTask<Completion> ExecuteAsync(ImapSession session)
    {
        if (!request.Extended && request.Patterns[0].Length == 0)
        {
            // RFC 9051 §6.3.9: an empty pattern asks for the separator and the root.
            session.Writer.Line("* LIST (\\Noselect) \"/\" \"\"");
            return Completion.Ok("That is the separator");
        }
        var patterns = request.Patterns.Select(pattern => new MailboxPattern(request.Reference, pattern)).ToList();
        var mailboxes = await session.Store.ListAsync(session.Account.Id, session.Token).ConfigureAwait(false);
        var lost = request.Subscribed ? await session.Store.SubscribedWithoutMailboxAsync(session.Account.Id, session.Token).ConfigureAwait(false) : [];
        var above = request.RecursiveMatch ? MailboxTree.AboveUnshown(mailboxes, patterns) : [];
        foreach (var node in MailboxTree.Of(mailboxes, lost))
        {
            if (!patterns.Exists(pattern => pattern.Matches(node.Name)) || !IsSelected(node, above)) continue;
            Write(session, node, hasUnshown: above.Contains(node.Name));
            await session.Writer.FlushIfFullAsync().ConfigureAwait(false);
        }
        return Completion.Ok("That is all");
    }

    private bool IsSelected(TreeName node, HashSet<string> above)
    {
        if (request.SpecialUse && (node.Mailbox is null || SpecialUses.Attribute(node.Mailbox.Use) is null)) return false;
        if (!request.Subscribed || node.IsSubscribed) return true;
        return above.Contains(node.Name);
    }

    private void Write(ImapSession session, TreeName node, bool hasUnshown)
    {
        var attributes = Attributes(node, withSubscribed: request.Subscribed || request.ReturnSubscribed);
        session.Writer.Text($"* LIST ({attributes}) \"/\" ").String(session.WireName(node.Name));
        if (hasUnshown) session.Writer.Text(" (\"CHILDINFO\" (\"SUBSCRIBED\"))");
        session.Writer.End();
        if (request.Status is { } items && node.Mailbox is { } mailbox) StatusCommand.Write(session, mailbox, items);
    }

    /// <summary>The attributes of a name, separated by spaces (RFC 9051 §7.3.1).</summary>
    internal static string Attributes(TreeName node, bool withSubscribed)
    {
        var attributes = new List<string>(4);
        // \NonExistent is RFC 5258's; a client of RFC 3501 understands \Noselect.
        if (node.Mailbox is null) attributes.AddRange("\\NonExistent", "\\Noselect");
        if (withSubscribed && node.IsSubscribed) attributes.Add("\\Subscribed");
        attributes.Add(node.HasChildren ? "\\HasChildren" : "\\HasNoChildren");
        if (node.Mailbox is not null && SpecialUses.Attribute(node.Mailbox.Use) is { } use) attributes.Add(use);
        return string.Join(' ', attributes);
    }
}

/// <summary>LSUB (RFC 3501 §6.3.9), for clients that know no LIST (SUBSCRIBED).</summary>
internal sealed class LsubCommand(string reference, string pattern) : ImapCommand
{
    internal static ImapCommand? Parse(ref ImapScanner scanner) =>
        ListGrammar.TryLsub(ref scanner, out var reference, out var pattern) ? new LsubCommand(reference, pattern) : null;

    internal override async ValueTask<Completion> ExecuteAsync(ImapSession session)
    {
        var wanted = new MailboxPattern(reference, pattern);
        var mailboxes = await session.Store.ListAsync(session.Account.Id, session.Token).ConfigureAwait(false);
        var lost = await session.Store.SubscribedWithoutMailboxAsync(session.Account.Id, session.Token).ConfigureAwait(false);
        var above = pattern.Contains('%') ? MailboxTree.AboveUnshown(mailboxes, [wanted]) : [];
        foreach (var node in MailboxTree.Of(mailboxes, lost))
        {
            if (!wanted.Matches(node.Name)) continue;
            var subscribed = node.IsSubscribed;
            // RFC 3501 §6.3.9: with % a name that only holds subscribed mailboxes is shown with \Noselect.
            if (!subscribed && !above.Contains(node.Name)) continue;
            session.Writer.Text(subscribed ? "* LSUB () \"/\" " : "* LSUB (\\Noselect) \"/\" ").String(session.WireName(node.Name)).End();
            await session.Writer.FlushIfFullAsync().ConfigureAwait(false);
        }
        return Completion.Ok("That is all");
    }
}
