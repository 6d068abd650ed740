using Sternpost.Imap.Grammar;
using Sternpost.Imap.Responses;
using Sternpost.Imap.Server;
using Sternpost.Mailboxes;

namespace Sternpost.Imap.Commands;

/// <summary>SELECT and EXAMINE (RFC 9051 §6.3.2, §6.3.3), with CONDSTORE and QRESYNC (RFC 7162).</summary>
internal sealed class SelectCommand(string name, bool readOnly, bool condstore, QuickResync? resync) : ImapCommand
{
    // select = "SELECT" SP mailbox [select-params] (RFC 4466 §2.1).
    internal static ImapCommand? Parse(ref ImapScanner scanner, bool readOnly) =>
        scanner.Space() && MailboxNameGrammar.TryName(ref scanner, out var name) && SelectGrammar.TryParameters(ref scanner, out var condstore, out var resync)
            ? new SelectCommand(name, readOnly, condstore, resync) : null;

    internal override async ValueTask<Completion> ExecuteAsync(ImapSession session)
    {
        // RFC 7162 §3.2.5: the parameter needs ENABLE first.
        if (resync is not null && !session.HasEnabled(Enabled.QuickResync)) return Completion.Bad("Enable QRESYNC first");
        if (session.Selected is not null)
        {
            session.Deselect();
            // RFC 9051 §7.1: what follows is of the new mailbox.
            if ((session.Enabled & (Enabled.QuickResync | Enabled.Rev2)) != 0) session.Writer.Line("* OK [CLOSED] The mailbox before is closed");
        }
        // RFC 9051 §6.3.2: after a SELECT that fails no mailbox is selected.
        var found = await session.Store.FindAsync(session.Account.Id, name, session.Token).ConfigureAwait(false);
        var opened = found is null ? null : await session.Store.OpenAsync(found.Id, session.Token).ConfigureAwait(false);
        if (opened is not { } snapshot) return MailboxOutcome.NotFound.AsCompletion("");
        if (condstore) session.Enable(Enabled.CondStore);
        session.Select(snapshot.Mailbox, snapshot.Entries, readOnly);
        WriteFacts(session, snapshot.Mailbox, session.Selected!.Messages);
        if (resync is not null && resync.UidValidity == snapshot.Mailbox.UidValidity) await ResyncAsync(session, session.Selected, resync).ConfigureAwait(false);
        return readOnly ? Completion.Ok("READ-ONLY", "Selected for reading") : Completion.Ok("READ-WRITE", "Selected");
    }

    private static void WriteFacts(ImapSession session, Mailbox mailbox, IReadOnlyList<Entry> messages)
    {
        var writer = session.Writer;
        session.Selected!.TellKeywords(writer);
        writer.Text("* ").Number(messages.Count).Text(" EXISTS").End();
        if (!session.HasEnabled(Enabled.Rev2))
        {
            writer.Line("* 0 RECENT");
            // RFC 3501 §6.3.1: the first unseen message, where there is one.
            for (var i = 0; i < messages.Count; i++)
            {
                if (messages[i].Flags.HasFlag(MessageFlags.Seen)) continue;
                writer.Line($"* OK [UNSEEN {i + 1}] First unseen");
                break;
            }
        }
        writer.Line($"* OK [UIDVALIDITY {mailbox.UidValidity}] Uids are valid");
        writer.Line($"* OK [UIDNEXT {mailbox.UidNext}] The next uid");
        writer.Line($"* OK [HIGHESTMODSEQ {mailbox.HighestModSeq}] The highest modseq");
        writer.Line($"* OK [MAILBOXID ({ObjectIds.Mailbox(mailbox.Id)})] The mailbox's id");
        // RFC 9051 §6.3.2: IMAP4rev2 says the name as stored.
        if (session.HasEnabled(Enabled.Rev2)) writer.Text("* LIST () \"/\" ").String(session.WireName(mailbox.Name)).End();
    }

    // RFC 7162 §3.2.5.1: first what is gone, then what changed since the client was here.
    private static async ValueTask ResyncAsync(ImapSession session, SelectedMailbox selected, QuickResync resync)
    {
        if (resync.ModSeq >= selected.Mailbox.HighestModSeq && resync.KnownUids is null) return;
        var known = Known(resync);
        var changes = await session.Store.ChangesAsync(selected.Id, resync.ModSeq, session.Token).ConfigureAwait(false);
        if (changes is null) return;
        // What went after the snapshot is still in the view, and told as usual later.
        var vanished = changes.Vanished.Where(uid => selected.Find(uid) < 0 && uid < selected.Mailbox.UidNext && (known is null || known(uid))).Distinct().Order();
        var text = SequenceSet.Format(vanished);
        if (text.Length > 0) session.Writer.Line($"* VANISHED (EARLIER) {text}");
        for (var index = 0; index < selected.Messages.Count; index++)
        {
            var entry = selected.Messages[index];
            if (entry.ModSeq <= resync.ModSeq || known is not null && !known(entry.Uid)) continue;
            selected.TellFlags(index, session.Writer, session.Enabled, withUid: true);
            await session.Writer.FlushIfFullAsync().ConfigureAwait(false);
        }
    }

    // The client's known uids; where it gave none, all. Sequence-match data only saves octets where tombstones are forgotten
    // (RFC 7162 §3.2.5.2), and ours are not, so it is not used.
    private static Func<uint, bool>? Known(QuickResync resync)
    {
        if (resync.KnownUids is not { IsSavedResult: false } set) return null;
        var ranges = set.Normalised(uint.MaxValue);
        return uid =>
        {
            int low = 0, high = ranges.Count - 1;
            while (low <= high)
            {
                var middle = (low + high) >>> 1;
                if (uid < ranges[middle].From) high = middle - 1;
                else if (uid > ranges[middle].To) low = middle + 1;
                else return true;
            }
            return false;
        };
    }
}
