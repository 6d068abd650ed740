using Sternpost.Imap.Grammar;
using Sternpost.Imap.Responses;
using Sternpost.Imap.Server;

namespace Sternpost.Imap.Commands;

/// <summary>ID (RFC 2971). What the client says of itself is read and forgotten; we say the name alone, for a version helps attackers most.</summary>
internal static class IdCommand
{
    // RFC 2971 §3.3.
    private const int MostFields = 30;

    // id = "ID" SP id-params-list; id-params-list = "(" #(string SPACE nstring) ")" / nil (RFC 2971 §4).
    internal static ImapCommand? Parse(ref ImapScanner scanner)
    {
        if (!scanner.Space()) return null;
        if (!scanner.TakeName("NIL"))
        {
            if (!scanner.Expect('(')) return null;
            for (var fields = 0; !scanner.Take(')'); fields++)
            {
                if (fields == MostFields || fields > 0 && !scanner.Space()) return null;
                if (!scanner.String(out _) || !scanner.Space() || !scanner.NString(out _)) return null;
            }
        }
        return new PlainCommand(ExecuteAsync);
    }

    private static ValueTask<Completion> ExecuteAsync(ImapSession session)
    {
        session.Writer.Line("* ID (\"name\" \"Sternpost\")");
        return ValueTask.FromResult(Completion.Ok("Pleased to meet you"));
    }
}
