using Sternpost.Imap.Grammar;
using Sternpost.Imap.Responses;
using Sternpost.Imap.Search;
using Sternpost.Imap.Server;
using Sternpost.Messages.Threads;

namespace Sternpost.Imap.Commands;

/// <summary>THREAD and UID THREAD (RFC 5256 §3) by ORDEREDSUBJECT and REFERENCES.</summary>
internal sealed class ThreadCommand(bool byReferences, SearchProgram program, bool byUid) : ImapCommand
{
    private const int Batch = 128;

    // thread = ["UID" SP] "THREAD" SP thread-alg SP search-criteria (RFC 5256 §5).
    internal static ImapCommand? Parse(ref ImapScanner scanner, bool byUid)
    {
        if (!scanner.Space() || !scanner.Name(out var algorithm)) return null;
        if (algorithm is not ("ORDEREDSUBJECT" or "REFERENCES") && !scanner.Fail("Threads are made by ORDEREDSUBJECT or REFERENCES")) return null;
        if (!scanner.Space() || !scanner.AString(out var charset) || !scanner.Space()) return null;
        if (!SearchGrammar.IsCharsetKnown(charset)) return new SearchCommand.UnknownCharset(SearchReturn.None);
        return SearchGrammar.TryKeys(ref scanner, out var program) ? new ThreadCommand(algorithm == "REFERENCES", program!, byUid) : null;
    }

    internal override async ValueTask<Completion> ExecuteAsync(ImapSession session)
    {
        if (program.UsesModSeq) session.UseCondStore();
        var found = await SearchEvaluation.RunAsync(session, program.Key).ConfigureAwait(false);
        var messages = await ReadAsync(session, found).ConfigureAwait(false);
        var roots = byReferences ? Threading.References(messages) : Threading.OrderedSubject(messages);
        session.Writer.Text(roots.Count == 0 ? "* THREAD" : "* THREAD ");
        foreach (var root in roots)
        {
            ThreadNode.Write(session.Writer, root);
            await session.Writer.FlushIfFullAsync().ConfigureAwait(false);
        }
        session.Writer.End();
        return Completion.Ok("Threaded");
    }

    private async ValueTask<List<ThreadMessage>> ReadAsync(ImapSession session, List<int> found)
    {
        var selected = session.Selected!;
        var read = new List<ThreadMessage>(found.Count);
        await SortOrder.EachEmailAsync(session, found, Batch, (index, email) =>
        {
            var envelope = email.Structure.Envelope;
            var ids = byReferences ? MessageIds.References(envelope) : [];
            read.Add(new ThreadMessage(
                byUid ? selected.Messages[index].Uid : index + 1,
                SortOrder.SentDate(selected.Messages[index], envelope),
                BaseSubject.Of(envelope.Subject),
                MessageIds.First(envelope.MessageId),
                ids));
        }).ConfigureAwait(false);
        return read;
    }
}
