using Sternpost.Imap.Grammar;
using Sternpost.Imap.Responses;
using Sternpost.Imap.Search;
using Sternpost.Imap.Server;

namespace Sternpost.Imap.Commands;

/// <summary>SORT and UID SORT (RFC 5256 §3), by display names too (RFC 5957).</summary>
internal sealed class SortCommand(IReadOnlyList<(SortKey Key, bool Reverse)> criteria, SearchProgram program, bool byUid) : ImapCommand
{
    private const int MostCriteria = 32;

    // sort = ["UID" SP] "SORT" SP sort-criteria SP search-criteria; search-criteria = charset 1*(SP search-key) (RFC 5256 §5).
    internal static ImapCommand? Parse(ref ImapScanner scanner, bool byUid)
    {
        if (!scanner.Space() || !TryCriteria(ref scanner, out var criteria) || !scanner.Space()) return null;
        if (!scanner.AString(out var charset) || !scanner.Space()) return null;
        if (!SearchGrammar.IsCharsetKnown(charset)) return new SearchCommand.UnknownCharset(SearchReturn.None);
        return SearchGrammar.TryKeys(ref scanner, out var program) ? new SortCommand(criteria, program!, byUid) : null;
    }

    internal override async ValueTask<Completion> ExecuteAsync(ImapSession session)
    {
        if (program.UsesModSeq) session.UseCondStore();
        var found = await SearchEvaluation.RunAsync(session, program.Key).ConfigureAwait(false);
        var messages = session.Selected!.Messages;
        session.Writer.Text("* SORT");
        var highest = 0L;
        foreach (var index in await SortOrder.SortAsync(session, found, criteria).ConfigureAwait(false))
        {
            session.Writer.Char(' ').Number(byUid ? messages[index].Uid : index + 1);
            highest = Math.Max(highest, messages[index].ModSeq);
            await session.Writer.FlushIfFullAsync().ConfigureAwait(false);
        }
        if (program.UsesModSeq && highest > 0) session.Writer.Text(" (MODSEQ ").Number(highest).Char(')');
        session.Writer.End();
        return Completion.Ok("Sorted");
    }

    // sort-criteria = "(" sort-criterion *(SP sort-criterion) ")"; sort-criterion = ["REVERSE" SP] sort-key (RFC 5256 §5).
    private static bool TryCriteria(ref ImapScanner scanner, out IReadOnlyList<(SortKey, bool)> criteria)
    {
        var read = new List<(SortKey, bool)>();
        criteria = read;
        if (!scanner.Expect('(')) return false;
        do
        {
            if (read.Count == MostCriteria) return scanner.Fail("Too many sort criteria");
            var reverse = scanner.TakeName("REVERSE");
            if (reverse && !scanner.Space()) return false;
            if (!scanner.Name(out var name)) return false;
            if (!Enum.TryParse<SortKey>(name, ignoreCase: true, out var key) || !Enum.IsDefined(key) || char.IsAsciiDigit(name[0])) return scanner.Fail($"There is no sort key {name}");
            read.Add((key, reverse));
        }
        while (scanner.Take(' '));
        return scanner.Expect(')');
    }
}
