using Sternpost.Imap.Grammar;
using Sternpost.Imap.Responses;
using Sternpost.Imap.Server;
using Sternpost.Mailboxes;

namespace Sternpost.Imap.Commands;

/// <summary>APPEND (RFC 9051 §6.3.12), of several messages at once (RFC 3502), binary (RFC 3516) and UTF-8 (RFC 6855) ones too.</summary>
internal sealed class AppendCommand(string name, IReadOnlyList<AppendCommand.Message> messages) : ImapCommand
{
    private const int MostMessages = 500;

    internal sealed record Message(FlagSet Flags, DateTimeOffset? Date, ReadOnlyMemory<byte> Octets);

    // append = "APPEND" SP mailbox 1*append-message (RFC 3502 §6).
    internal static ImapCommand? Parse(ref ImapScanner scanner)
    {
        if (!scanner.Space() || !MailboxNameGrammar.TryName(ref scanner, out var name)) return null;
        var messages = new List<Message>();
        do
        {
            if (messages.Count == MostMessages && !scanner.Fail("Too many messages")) return null;
            if (!TryMessage(ref scanner, out var message)) return null;
            messages.Add(message!);
        }
        while (scanner.Sees(' ') && !scanner.SeesAfter(1, ' '));
        return new AppendCommand(name, messages);
    }

    internal override async ValueTask<Completion> ExecuteAsync(ImapSession session)
    {
        // RFC 3502 §6.3: a literal of no octets is how a client calls the append off.
        if (messages.Any(message => message.Octets.Length == 0)) return Completion.No("A message has at least one octet");
        if (messages.Any(message => message.Octets.Length > session.Options.AppendLimit)) return Completion.No("TOOBIG", $"A message may have {session.Options.AppendLimit} octets");
        var mailbox = await session.Store.FindAsync(session.Account.Id, name, session.Token).ConfigureAwait(false);
        if (mailbox is null) return MailboxOutcomes.TryCreate;
        var now = session.Server.Time.GetUtcNow();
        var emails = messages.Select(message => new NewEmail(default, message.Octets, message.Flags.System, message.Flags.Keywords, message.Date ?? now)).ToList();
        var (outcome, uidValidity, uids) = await session.Store.AppendAsync(mailbox.Id, emails, session.Token).ConfigureAwait(false);
        if (outcome == MailboxOutcome.NotFound) return MailboxOutcomes.TryCreate;
        return outcome == MailboxOutcome.Ok
            // RFC 4315 §3.
            ? Completion.Ok($"APPENDUID {uidValidity} {SequenceSet.Format(uids)}", "Appended")
            : outcome.AsCompletion("");
    }

    // append-message = append-opts SP append-data; append-opts = [SP flag-list] [SP date-time] (RFC 9051 §9, RFC 4466 §2.2).
    private static bool TryMessage(ref ImapScanner scanner, out Message? message)
    {
        message = null;
        if (!scanner.Space()) return false;
        var flags = new FlagSet(MessageFlags.None, []);
        if (scanner.Sees('(') && !(FlagGrammar.TryList(ref scanner, out flags) && scanner.Space())) return false;
        DateTimeOffset? date = null;
        if (scanner.Sees('"'))
        {
            if (!ImapDates.TryDateTime(ref scanner, out var read) || !scanner.Space()) return false;
            date = read;
        }
        // append-data-ext =/ "UTF8" SP "(" literal8 ")" (RFC 6855 §4). Header text may be UTF-8 without it too, as it is in stores everywhere.
        var utf8 = scanner.TakeName("UTF8");
        if (utf8 && !(scanner.Space() && scanner.Expect('('))) return false;
        if (!scanner.Literal(out var octets, out _)) return false;
        if (utf8 && !scanner.Expect(')')) return false;
        message = new Message(flags, date, octets);
        return true;
    }
}
