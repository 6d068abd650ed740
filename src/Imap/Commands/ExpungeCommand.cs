using Sternpost.Imap.Grammar;
using Sternpost.Imap.Responses;
using Sternpost.Imap.Server;

namespace Sternpost.Imap.Commands;

/// <summary>EXPUNGE, UID EXPUNGE (RFC 9051 §6.4.3, §6.4.9) and CLOSE (§6.4.1).</summary>
internal static class ExpungeCommand
{
    // uid-expunge = "UID" SP "EXPUNGE" SP sequence-set (RFC 4315 §4).
    internal static ImapCommand? ParseUid(ref ImapScanner scanner) =>
        scanner.Space() && SequenceSet.TryParse(ref scanner, out var set) ? new PlainCommand(session => ExpungeAsync(session, set)) : null;

    /// <summary>Removes what is flagged \Deleted, of <paramref name="set"/> where given, and tells each.</summary>
    internal static async ValueTask<Completion> ExpungeAsync(ImapSession session, SequenceSet? set)
    {
        var selected = session.Selected!;
        if (selected.IsReadOnly) return Completion.No("The mailbox is selected for reading only");
        var uids = set is null ? null : selected.Resolve(set, byUid: true)!.ConvertAll(index => selected.Messages[index].Uid);
        if (uids is { Count: 0 }) return Completion.Ok("Nothing to expunge");
        var removed = await session.Store.ExpungeAsync(selected.Id, uids, session.Token).ConfigureAwait(false);
        selected.Remove(removed, session.Writer, session.Enabled);
        if (!session.HasEnabled(Enabled.QuickResync) || removed.Count == 0) return Completion.Ok("Expunged");
        // RFC 7162 §3.2.7: the modseq that includes these, after everything up to it has been told.
        return await session.TellNewsAsync(mayExpunge: true, force: true).ConfigureAwait(false)
            ? Completion.Ok($"HIGHESTMODSEQ {selected.ModSeq}", "Expunged") : Completion.Ok("Expunged");
    }

    /// <summary>RFC 9051 §6.4.1: expunges without telling, and selects nothing.</summary>
    internal static async ValueTask<Completion> CloseAsync(ImapSession session)
    {
        var selected = session.Selected!;
        if (!selected.IsReadOnly) await session.Store.ExpungeAsync(selected.Id, null, session.Token).ConfigureAwait(false);
        session.Deselect();
        return Completion.Ok("Closed");
    }
}
