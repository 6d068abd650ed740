using Sternpost.Imap.Grammar;
using Sternpost.Imap.Responses;
using Sternpost.Imap.Server;

namespace Sternpost.Imap.Commands;

/// <summary>ENABLE (RFC 9051 §6.3.1, RFC 5161): turns on what changes responses. Names we do not know are passed over.</summary>
internal sealed class EnableCommand(IReadOnlyList<string> names) : ImapCommand
{
    private const int MostNames = 50;

    // enable = "ENABLE" 1*(SP capability) (§9).
    internal static ImapCommand? Parse(ref ImapScanner scanner)
    {
        var names = new List<string>();
        do
        {
            if (names.Count == MostNames || !scanner.Space() || !scanner.Atom(out var name)) return null;
            names.Add(name.ToUpperInvariant());
        }
        while (scanner.Sees(' '));
        return new EnableCommand(names);
    }

    internal override ValueTask<Completion> ExecuteAsync(ImapSession session)
    {
        var done = new List<string>();
        foreach (var name in names.Distinct())
        {
            var (what, answer) = name switch
            {
                "CONDSTORE" => (Enabled.CondStore, name),
                // RFC 7162 §3.2.3: QRESYNC includes CONDSTORE.
                "QRESYNC" => (Enabled.CondStore | Enabled.QuickResync, name),
                "UTF8=ACCEPT" => (Enabled.Utf8, name),
                "IMAP4REV2" => (Enabled.Rev2, "IMAP4rev2"),
                _ => (Enabled.None, name),
            };
            if (what == Enabled.None) continue;
            session.Enable(what);
            done.Add(answer);
        }
        session.Writer.Line(done.Count == 0 ? "* ENABLED" : $"* ENABLED {string.Join(' ', done)}");
        return ValueTask.FromResult(Completion.Ok("Enabled"));
    }
}
