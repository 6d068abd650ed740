using Sternpost.Imap.Grammar;
using Sternpost.Imap.Responses;
using Sternpost.Imap.Search;
using Sternpost.Imap.Server;

namespace Sternpost.Imap.Commands;

/// <summary>SEARCH and UID SEARCH (RFC 9051 §6.4.4), with result options (RFC 4731) that may be saved (RFC 5182).</summary>
internal sealed class SearchCommand(SearchProgram program, SearchReturn asked, bool byUid) : ImapCommand
{
    // search = "SEARCH" [search-return-opts] SP search-program; search-program = ["CHARSET" SP charset SP] search-key *(SP search-key) (§9).
    internal static ImapCommand? Parse(ref ImapScanner scanner, bool byUid)
    {
        if (!scanner.Space() || !SearchGrammar.TryReturn(ref scanner, out var asked) || !SearchGrammar.TryCharset(ref scanner, out var charset)) return null;
        if (charset is not null && !SearchGrammar.IsCharsetKnown(charset)) return new UnknownCharset(asked);
        return SearchGrammar.TryKeys(ref scanner, out var program) ? new SearchCommand(program!, asked, byUid) : null;
    }

    internal override async ValueTask<Completion> ExecuteAsync(ImapSession session)
    {
        if (program.UsesModSeq) session.UseCondStore();
        var found = await SearchEvaluation.RunAsync(session, program.Key).ConfigureAwait(false);
        if (asked.HasFlag(SearchReturn.Save)) Save(session.Selected!, found);
        if (asked == SearchReturn.None && !session.HasEnabled(Enabled.Rev2)) await WriteOldAsync(session, found).ConfigureAwait(false);
        // RFC 5182 §2.1: SAVE alone answers nothing but OK.
        else if (asked != SearchReturn.Save) WriteExtended(session, found, asked == SearchReturn.None ? SearchReturn.All : asked);
        return Completion.Ok("Searched");
    }

    // RFC 5182 §2.4: what MIN and MAX name, where nothing else is asked; else all.
    private void Save(SelectedMailbox selected, List<int> found)
    {
        var ends = (asked & (SearchReturn.Min | SearchReturn.Max)) != 0 && (asked & (SearchReturn.All | SearchReturn.Count)) == 0;
        IEnumerable<int> kept = found;
        if (ends && found.Count > 0)
        {
            kept = [.. asked.HasFlag(SearchReturn.Min) ? found[..1] : [], .. asked.HasFlag(SearchReturn.Max) && (found.Count > 1 || !asked.HasFlag(SearchReturn.Min)) ? found[^1..] : []];
        }
        selected.Save([.. kept.Select(index => selected.Messages[index].Uid)]);
    }

    // mailbox-data =/ "SEARCH" *(SP nz-number) [SP "(" "MODSEQ" SP mod-sequence-value ")"] (RFC 3501 §9, RFC 7162 §7).
    private async ValueTask WriteOldAsync(ImapSession session, List<int> found)
    {
        var messages = session.Selected!.Messages;
        session.Writer.Text("* SEARCH");
        var highest = 0L;
        foreach (var index in found)
        {
            session.Writer.Char(' ').Number(byUid ? messages[index].Uid : index + 1);
            highest = Math.Max(highest, messages[index].ModSeq);
            await session.Writer.FlushIfFullAsync().ConfigureAwait(false);
        }
        if (program.UsesModSeq && found.Count > 0) session.Writer.Text(" (MODSEQ ").Number(highest).Char(')');
        session.Writer.End();
    }

    // esearch-response = "ESEARCH" [search-correlator] [SP "UID"] *(SP search-return-data) (RFC 9051 §9).
    private void WriteExtended(ImapSession session, List<int> found, SearchReturn asked)
    {
        var messages = session.Selected!.Messages;
        var writer = session.Writer.Text("* ESEARCH (TAG ").String(session.Tag).Char(')');
        if (byUid) writer.Text(" UID");
        if (found.Count > 0)
        {
            if (asked.HasFlag(SearchReturn.Min)) writer.Text(" MIN ").Number(Number(found[0]));
            if (asked.HasFlag(SearchReturn.Max)) writer.Text(" MAX ").Number(Number(found[^1]));
            if (asked.HasFlag(SearchReturn.All)) writer.Text(" ALL ").Text(SequenceSet.Format(found.Select(index => (uint)Number(index))));
        }
        if (asked.HasFlag(SearchReturn.Count)) writer.Text(" COUNT ").Number(found.Count);
        if (program.UsesModSeq && found.Count > 0)
        {
            // RFC 4731 §3.2: of the messages named, where only ends are asked; else of all.
            var ends = (asked & (SearchReturn.All | SearchReturn.Count)) == 0;
            var named = !ends ? found : [.. asked.HasFlag(SearchReturn.Min) ? found[..1] : [], .. asked.HasFlag(SearchReturn.Max) ? found[^1..] : []];
            if (named.Count > 0) writer.Text(" MODSEQ ").Number(named.Max(index => messages[index].ModSeq));
        }
        writer.End();

        long Number(int index) => byUid ? messages[index].Uid : index + 1;
    }

    /// <summary>A search in a charset we do not have (RFC 9051 §6.4.4).</summary>
    internal sealed class UnknownCharset(SearchReturn asked) : ImapCommand
    {
        internal override bool LeavesRest => true;

        internal override ValueTask<Completion> ExecuteAsync(ImapSession session)
        {
            // RFC 5182 §2.1: a search that fails saves the empty result.
            if (asked.HasFlag(SearchReturn.Save)) session.Selected!.Save([]);
            return ValueTask.FromResult(Completion.No("BADCHARSET (US-ASCII UTF-8)", "Search in UTF-8"));
        }
    }
}
