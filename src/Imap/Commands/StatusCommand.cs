using Sternpost.Imap.Grammar;
using Sternpost.Imap.Responses;
using Sternpost.Imap.Server;
using Sternpost.Mailboxes;

namespace Sternpost.Imap.Commands;

/// <summary>STATUS (RFC 9051 §6.3.11), with SIZE (RFC 8438), HIGHESTMODSEQ (RFC 7162), APPENDLIMIT (RFC 7889) and MAILBOXID (RFC 8474).</summary>
internal sealed class StatusCommand(string name, IReadOnlyList<StatusItem> items) : ImapCommand
{
    // status = "STATUS" SP mailbox SP "(" status-att *(SP status-att) ")" (§9).
    internal static ImapCommand? Parse(ref ImapScanner scanner) =>
        scanner.Space() && MailboxNameGrammar.TryName(ref scanner, out var name) && scanner.Space() && StatusGrammar.TryItems(ref scanner, out var items)
            ? new StatusCommand(name, items) : null;

    internal override async ValueTask<Completion> ExecuteAsync(ImapSession session)
    {
        var mailbox = await session.Store.FindAsync(session.Account.Id, name, session.Token).ConfigureAwait(false);
        if (mailbox is null) return MailboxOutcome.NotFound.AsCompletion("");
        // RFC 7162 §3.1.2: asking for the modseq turns CONDSTORE on.
        if (items.Contains(StatusItem.HighestModSeq)) session.UseCondStore();
        Write(session, mailbox, items);
        return Completion.Ok("That is its status");
    }

    /// <summary>mailbox-data =/ "STATUS" SP mailbox SP "(" [status-att-list] ")" (§9).</summary>
    internal static void Write(ImapSession session, Mailbox mailbox, IReadOnlyList<StatusItem> items)
    {
        var writer = session.Writer.Text("* STATUS ").String(session.WireName(mailbox.Name)).Text(" (");
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0) writer.Char(' ');
            _ = items[i] switch
            {
                StatusItem.Messages => writer.Text("MESSAGES ").Number(mailbox.Total),
                StatusItem.Recent => writer.Text("RECENT 0"),
                StatusItem.UidNext => writer.Text("UIDNEXT ").Number(mailbox.UidNext),
                StatusItem.UidValidity => writer.Text("UIDVALIDITY ").Number(mailbox.UidValidity),
                StatusItem.Unseen => writer.Text("UNSEEN ").Number(mailbox.Unseen),
                StatusItem.Deleted => writer.Text("DELETED ").Number(mailbox.Deleted),
                StatusItem.Size => writer.Text("SIZE ").Number(mailbox.Bytes),
                StatusItem.HighestModSeq => writer.Text("HIGHESTMODSEQ ").Number(mailbox.HighestModSeq),
                StatusItem.AppendLimit => writer.Text("APPENDLIMIT ").Number(session.Options.AppendLimit),
                StatusItem.MailboxId => writer.Text($"MAILBOXID ({ObjectIds.Mailbox(mailbox.Id)})"),
                _ => throw new InvalidOperationException($"No text for {items[i]}."),
            };
        }
        writer.Char(')').End();
    }
}
