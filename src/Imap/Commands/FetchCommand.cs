using Sternpost.Imap.Grammar;
using Sternpost.Imap.Responses;
using Sternpost.Imap.Server;
using Sternpost.Mailboxes;

namespace Sternpost.Imap.Commands;

/// <summary>
/// FETCH and UID FETCH (RFC 9051 §6.4.5). Works in batches: what a batch needs from the store is read, written, and waited for
/// until the client takes it, so that a fetch of a whole mailbox holds one message's octets at a time.
/// </summary>
internal sealed class FetchCommand(FetchRequest request, bool byUid) : ImapCommand
{
    private const int Batch = 256;

    // Batches are smaller where each message is read, for \Seen is stored a batch ahead of what the client got.
    private const int ContentBatch = 32;

    internal static ImapCommand? Parse(ref ImapScanner scanner, bool byUid) =>
        FetchGrammar.TryParse(ref scanner, out var request) ? new FetchCommand(request!, byUid) : null;

    internal override async ValueTask<Completion> ExecuteAsync(ImapSession session)
    {
        var selected = session.Selected!;
        // RFC 7162 §3.2.6.
        if (request.Vanished && !(byUid && request.ChangedSince is not null && session.HasEnabled(Enabled.QuickResync)))
            return Completion.Bad("VANISHED needs UID FETCH, CHANGEDSINCE and ENABLE QRESYNC");
        var asksModSeq = request.ChangedSince is not null || request.Items.Any(item => item is FetchItem.Data { Kind: FetchData.ModSeq });
        if (asksModSeq) session.UseCondStore();
        if (selected.Resolve(request.Messages, byUid) is not { } indexes) return Completion.Bad("There is no message of that number");
        if (request.Vanished) await TellVanishedAsync(session, selected).ConfigureAwait(false);
        if (request.ChangedSince is { } since) indexes.RemoveAll(index => selected.Messages[index].ModSeq <= since);

        var response = new FetchResponse(request, byUid, session);
        var size = response.NeedsContent ? ContentBatch : Batch;
        for (var at = 0; at < indexes.Count; at += size)
        {
            var batch = indexes.GetRange(at, Math.Min(size, indexes.Count - at));
            var seen = response.SetsSeen && !selected.IsReadOnly ? await SetSeenAsync(session, selected, batch).ConfigureAwait(false) : [];
            await response.WriteAsync(batch, seen).ConfigureAwait(false);
        }
        if (response.UnknownEncoding) return Completion.No("UNKNOWN-CTE", "A part's transfer encoding is unknown");
        return response.Missing ? Completion.Ok("EXPUNGEISSUED", "Fetched; some messages were expunged") : Completion.Ok("Fetched");
    }

    // RFC 9051 §6.4.5: fetching a body without PEEK sets \Seen. Answers the indexes that were unseen before.
    private static async ValueTask<HashSet<int>> SetSeenAsync(ImapSession session, SelectedMailbox selected, List<int> batch)
    {
        var unseen = batch.FindAll(index => !selected.Messages[index].Flags.HasFlag(MessageFlags.Seen) && !selected.IsGone(selected.Messages[index].Uid));
        if (unseen.Count == 0) return [];
        var (changed, _) = await session.Store.StoreFlagsAsync(selected.Id, unseen.ConvertAll(index => selected.Messages[index].Uid), FlagOperation.Add, MessageFlags.Seen, [], null, session.Token).ConfigureAwait(false);
        selected.Update(changed);
        return [.. unseen];
    }

    // RFC 7162 §3.2.6: of the uids asked for, those expunged after the modseq.
    private async ValueTask TellVanishedAsync(ImapSession session, SelectedMailbox selected)
    {
        if (await session.Store.ChangesAsync(selected.Id, request.ChangedSince!.Value, session.Token).ConfigureAwait(false) is not { } changes) return;
        var ranges = request.Messages.IsSavedResult ? [] : request.Messages.Normalised(selected.Messages.Count == 0 ? uint.MaxValue : Math.Max(selected.Messages[^1].Uid, selected.Mailbox.UidNext));
        var vanished = changes.Vanished.Where(uid => selected.Find(uid) < 0 && ranges.Exists(range => range.From <= uid && uid <= range.To)).Distinct().Order();
        var text = SequenceSet.Format(vanished);
        if (text.Length > 0) session.Writer.Line($"* VANISHED (EARLIER) {text}");
    }
}
