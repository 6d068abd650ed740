using System.Collections.Immutable;
using Sternpost.Imap.Grammar;
using Sternpost.Mailboxes;

namespace Sternpost.Imap.Responses;

/// <summary>Flags on the wire: <c>(\Seen $Forwarded)</c>.</summary>
internal static class FlagText
{
    /// <summary>Writes flag-list (RFC 9051 §9).</summary>
    internal static ResponseWriter Flags(this ResponseWriter writer, MessageFlags system, ImmutableArray<string> keywords)
    {
        writer.Char('(');
        var first = true;
        foreach (var (flag, name) in FlagGrammar.SystemFlags)
        {
            if ((system & flag) == 0) continue;
            if (!first) writer.Char(' ');
            writer.Text(name);
            first = false;
        }
        foreach (var keyword in keywords.IsDefault ? [] : keywords)
        {
            if (!first) writer.Char(' ');
            writer.Text(keyword);
            first = false;
        }
        return writer.Char(')');
    }
}
