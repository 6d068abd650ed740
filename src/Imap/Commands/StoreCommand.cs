using Sternpost.Imap.Grammar;
using Sternpost.Imap.Responses;
using Sternpost.Imap.Server;
using Sternpost.Mailboxes;

namespace Sternpost.Imap.Commands;

/// <summary>STORE and UID STORE (RFC 9051 §6.4.6), conditional where asked (RFC 7162 §3.1.3).</summary>
internal sealed class StoreCommand(SequenceSet set, bool byUid, FlagOperation operation, bool silent, FlagSet flags, long? unchangedSince) : ImapCommand
{
    // store = "STORE" SP sequence-set [store-modifiers] SP store-att-flags (RFC 9051 §9, RFC 4466 §2.5).
    internal static ImapCommand? Parse(ref ImapScanner scanner, bool byUid)
    {
        if (!scanner.Space() || !SequenceSet.TryParse(ref scanner, out var set) || !scanner.Space()) return null;
        long? unchangedSince = null;
        if (scanner.Take('('))
        {
            if (!scanner.Name(out var modifier) || modifier != "UNCHANGEDSINCE" && !scanner.Fail($"There is no STORE modifier {modifier}")) return null;
            if (!scanner.Space() || !scanner.Number(out var modSeq) || !scanner.Expect(')') || !scanner.Space()) return null;
            unchangedSince = modSeq;
        }
        var operation = scanner.Take('+') ? FlagOperation.Add : scanner.Take('-') ? FlagOperation.Remove : FlagOperation.Replace;
        if (!scanner.Name(out var name) || name is not ("FLAGS" or "FLAGS.SILENT") && !scanner.Fail("STORE changes FLAGS")) return null;
        return scanner.Space() && FlagGrammar.TryListOrBare(ref scanner, out var flags)
            ? new StoreCommand(set, byUid, operation, name == "FLAGS.SILENT", flags, unchangedSince) : null;
    }

    internal override async ValueTask<Completion> ExecuteAsync(ImapSession session)
    {
        var selected = session.Selected!;
        if (unchangedSince is not null) session.UseCondStore();
        if (selected.IsReadOnly) return Completion.No("The mailbox is selected for reading only");
        if (selected.Resolve(set, byUid) is not { } indexes) return Completion.Bad("There is no message of that number");
        var here = indexes.FindAll(index => !selected.IsGone(selected.Messages[index].Uid));
        // RFC 2180 §4.2: what is gone needs no flags; an error would only alarm the client's user.
        if (here.Count == 0) return indexes.Count == 0 ? Completion.Ok("Nothing to store") : Completion.Ok("EXPUNGEISSUED", "These messages were expunged");
        var uids = here.ConvertAll(index => selected.Messages[index].Uid);
        var (changed, modified) = await session.Store.StoreFlagsAsync(selected.Id, uids, operation, flags.System, flags.Keywords, unchangedSince, session.Token).ConfigureAwait(false);
        selected.Update(changed);
        selected.TellNewKeywords(session.Writer);
        await TellAsync(session, selected, here, modified).ConfigureAwait(false);
        if (modified.Count > 0)
        {
            // RFC 7162 §3.1.3: uids for UID STORE, sequence numbers for STORE.
            var numbers = byUid ? modified : modified.Select(uid => (uint)selected.Find(uid) + 1);
            return Completion.Ok($"MODIFIED {SequenceSet.Format(numbers.Order())}", "Some were changed by others meanwhile");
        }
        return here.Count < indexes.Count ? Completion.Ok("EXPUNGEISSUED", "Stored; some messages were expunged") : Completion.Ok("Stored");
    }

    // Each message's flags as they are now, changed or not (RFC 9051 §6.4.6). Silent ones still need their new modseq told
    // (RFC 7162 §3.1.3), and those refused are told so that the client can try again.
    private async ValueTask TellAsync(ImapSession session, SelectedMailbox selected, List<int> indexes, IReadOnlyList<uint> modified)
    {
        var condStore = session.HasEnabled(Enabled.CondStore);
        if (silent && !condStore) return;
        var refused = modified.ToHashSet();
        foreach (var index in indexes)
        {
            var entry = selected.Messages[index];
            if (!silent)
            {
                if (!refused.Contains(entry.Uid)) selected.TellFlags(index, session.Writer, session.Enabled, withUid: byUid);
            }
            else if (!refused.Contains(entry.Uid))
            {
                session.Writer.Text("* ").Number(index + 1).Text(" FETCH (");
                if (byUid || session.HasEnabled(Enabled.QuickResync)) session.Writer.Text("UID ").Number(entry.Uid).Char(' ');
                session.Writer.Text("MODSEQ (").Number(entry.ModSeq).Text("))").End();
            }
            await session.Writer.FlushIfFullAsync().ConfigureAwait(false);
        }
    }
}
