using Sternpost.Imap.Grammar;
using Sternpost.Imap.Responses;
using Sternpost.Imap.Server;
using Sternpost.Mailboxes;

namespace Sternpost.Imap.Commands;

/// <summary>CREATE (RFC 9051 §6.3.4), with a special use where asked (RFC 6154 §3).</summary>
internal sealed class CreateCommand(string name, IReadOnlyList<string> uses) : ImapCommand
{
    private const int MostUses = 10;

    // create = "CREATE" SP mailbox [create-params] (§9); create-param =/ "USE" SP "(" [use-attr *(SP use-attr)] ")" (RFC 6154 §6).
    internal static ImapCommand? Parse(ref ImapScanner scanner)
    {
        if (!scanner.Space() || !MailboxNameGrammar.TryName(ref scanner, out var name)) return null;
        var uses = new List<string>();
        if (scanner.Sees(' ') && scanner.SeesAfter(1, '('))
        {
            if (!scanner.Space() || !scanner.Expect('(') || !scanner.Name(out var parameter)) return null;
            if (parameter != "USE" || !scanner.Space() || !scanner.Expect('(')) return null;
            while (!scanner.Take(')'))
            {
                if (uses.Count == MostUses || uses.Count > 0 && !scanner.Space()) return null;
                if (!scanner.Expect('\\') || !scanner.Atom(out var use)) return null;
                uses.Add(use);
            }
            if (!scanner.Expect(')')) return null;
        }
        return new CreateCommand(name, uses);
    }

    internal override async ValueTask<Completion> ExecuteAsync(ImapSession session)
    {
        var use = SpecialUse.None;
        if (uses.Count > 1 || uses.Count == 1 && !SpecialUses.TryParse(uses[0], out use))
        {
            // RFC 6154 §5.
            return Completion.No("USEATTR", "A mailbox has one use: \\Archive, \\Drafts, \\Junk, \\Sent or \\Trash");
        }
        // RFC 9051 §6.3.4: a separator at the end says that children will follow; the name is the one without it.
        var plain = name.Length > 1 && name[^1] == MailboxNameGrammar.Separator ? name[..^1] : name;
        var outcome = await session.Store.CreateAsync(session.Account.Id, plain, use, session.Token).ConfigureAwait(false);
        if (outcome != MailboxOutcome.Ok) return outcome.AsCompletion("");
        var made = await session.Store.FindAsync(session.Account.Id, plain, session.Token).ConfigureAwait(false);
        // RFC 8474 §4.1.
        return made is null ? Completion.Ok("Created") : Completion.Ok($"MAILBOXID ({ObjectIds.Mailbox(made.Id)})", "Created");
    }
}

/// <summary>DELETE (RFC 9051 §6.3.5).</summary>
internal sealed class DeleteCommand(string name) : ImapCommand
{
    internal static ImapCommand? Parse(ref ImapScanner scanner) =>
        scanner.Space() && MailboxNameGrammar.TryName(ref scanner, out var name) ? new DeleteCommand(name) : null;

    internal override async ValueTask<Completion> ExecuteAsync(ImapSession session)
    {
        var mailbox = await session.Store.FindAsync(session.Account.Id, name, session.Token).ConfigureAwait(false);
        var outcome = await session.Store.DeleteAsync(session.Account.Id, name, session.Token).ConfigureAwait(false);
        if (outcome == MailboxOutcome.Ok && mailbox is not null && session.Selected?.Id == mailbox.Id)
        {
            // RFC 7162 §3.2.11: the selected mailbox is closed without the client's asking.
            session.Deselect();
            session.Writer.Line("* OK [CLOSED] The selected mailbox was deleted");
        }
        return outcome.AsCompletion("Deleted");
    }
}

/// <summary>RENAME (RFC 9051 §6.3.6).</summary>
internal sealed class RenameCommand(string from, string to) : ImapCommand
{
    internal static ImapCommand? Parse(ref ImapScanner scanner) =>
        scanner.Space() && MailboxNameGrammar.TryName(ref scanner, out var from) && scanner.Space() && MailboxNameGrammar.TryName(ref scanner, out var to)
            ? new RenameCommand(from, to) : null;

    internal override async ValueTask<Completion> ExecuteAsync(ImapSession session) =>
        (await session.Store.RenameAsync(session.Account.Id, from, to, session.Token).ConfigureAwait(false)).AsCompletion("Renamed");
}

/// <summary>SUBSCRIBE and UNSUBSCRIBE (RFC 9051 §6.3.7, §6.3.8).</summary>
internal sealed class SubscribeCommand(string name, bool subscribed) : ImapCommand
{
    internal static ImapCommand? Parse(ref ImapScanner scanner, bool subscribed) =>
        scanner.Space() && MailboxNameGrammar.TryName(ref scanner, out var name) ? new SubscribeCommand(name, subscribed) : null;

    internal override async ValueTask<Completion> ExecuteAsync(ImapSession session)
    {
        var outcome = await session.Store.SubscribeAsync(session.Account.Id, name, subscribed, session.Token).ConfigureAwait(false);
        // Clients that tidy up need no error where there is nothing to tidy.
        if (outcome == MailboxOutcome.NotFound && !subscribed) outcome = MailboxOutcome.Ok;
        return outcome.AsCompletion(subscribed ? "Subscribed" : "Unsubscribed");
    }
}
