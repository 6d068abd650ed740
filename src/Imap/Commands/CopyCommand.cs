using Sternpost.Imap.Grammar;
using Sternpost.Imap.Responses;
using Sternpost.Imap.Server;
using Sternpost.Mailboxes;

namespace Sternpost.Imap.Commands;

/// <summary>COPY and MOVE, by sequence number and by uid (RFC 9051 §6.4.7, §6.4.8). All messages go, or none.</summary>
internal sealed class CopyCommand(SequenceSet set, bool byUid, bool move, string target) : ImapCommand
{
    // copy = "COPY" SP sequence-set SP mailbox (§9); move likewise.
    internal static ImapCommand? Parse(ref ImapScanner scanner, bool byUid, bool move) =>
        scanner.Space() && SequenceSet.TryParse(ref scanner, out var set) && scanner.Space() && MailboxNameGrammar.TryName(ref scanner, out var target)
            ? new CopyCommand(set, byUid, move, target) : null;

    internal override async ValueTask<Completion> ExecuteAsync(ImapSession session)
    {
        var selected = session.Selected!;
        if (move && selected.IsReadOnly) return Completion.No("The mailbox is selected for reading only");
        if (selected.Resolve(set, byUid) is not { } indexes) return Completion.Bad("There is no message of that number");
        var uids = indexes.ConvertAll(index => selected.Messages[index].Uid);
        // RFC 2180 §4.4.1: a message expunged meanwhile cannot be copied, and copying the rest only would not be what was asked.
        if (uids.Exists(selected.IsGone)) return Completion.No("EXPUNGEISSUED", "Some of these messages were expunged");
        var mailbox = await session.Store.FindAsync(session.Account.Id, target, session.Token).ConfigureAwait(false);
        if (mailbox is null) return MailboxOutcomes.TryCreate;
        if (uids.Count == 0) return Completion.Ok("No messages");
        return move
            ? await MoveAsync(session, selected, uids, mailbox).ConfigureAwait(false)
            : await CopyAsync(session, selected, uids, mailbox).ConfigureAwait(false);
    }

    private static async ValueTask<Completion> CopyAsync(ImapSession session, SelectedMailbox selected, List<uint> uids, Mailbox mailbox)
    {
        var (outcome, uidValidity, pairs) = await session.Store.CopyAsync(selected.Id, uids, mailbox.Id, session.Token).ConfigureAwait(false);
        if (outcome == MailboxOutcome.NotFound) return MailboxOutcomes.TryCreate;
        if (outcome != MailboxOutcome.Ok) return outcome.AsCompletion("");
        return pairs.Count == 0 ? Completion.No("EXPUNGEISSUED", "These messages were expunged") : Completion.Ok(CopyUid(uidValidity, pairs), "Copied");
    }

    private static async ValueTask<Completion> MoveAsync(ImapSession session, SelectedMailbox selected, List<uint> uids, Mailbox mailbox)
    {
        var (outcome, uidValidity, pairs) = await session.Store.MoveAsync(selected.Id, uids, mailbox.Id, session.Token).ConfigureAwait(false);
        if (outcome == MailboxOutcome.NotFound) return MailboxOutcomes.TryCreate;
        if (outcome != MailboxOutcome.Ok) return outcome.AsCompletion("");
        if (pairs.Count == 0) return Completion.No("EXPUNGEISSUED", "These messages were expunged");
        // RFC 6851 §4.3: COPYUID comes untagged, before the expunges.
        session.Writer.Line($"* OK [{CopyUid(uidValidity, pairs)}] Moved");
        selected.Remove([.. pairs.Select(pair => pair.From)], session.Writer, session.Enabled);
        if (!session.HasEnabled(Enabled.QuickResync)) return Completion.Ok("Moved");
        return await session.TellNewsAsync(mayExpunge: true, force: true).ConfigureAwait(false)
            ? Completion.Ok($"HIGHESTMODSEQ {selected.ModSeq}", "Moved") : Completion.Ok("Moved");
    }

    // resp-code-copy = "COPYUID" SP nz-number SP uid-set SP uid-set; the sets match pair by pair (RFC 4315 §3).
    private static string CopyUid(uint uidValidity, IReadOnlyList<(uint From, uint To)> pairs)
    {
        var ordered = pairs.OrderBy(pair => pair.From).ToList();
        return $"COPYUID {uidValidity} {SequenceSet.Format(ordered.Select(pair => pair.From))} {SequenceSet.Format(ordered.Select(pair => pair.To))}";
    }
}
