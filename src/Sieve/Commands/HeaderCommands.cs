using System.Text;
using Sternpost.Sieve.Compiling;
using Sternpost.Sieve.Language;
using Sternpost.Sieve.Matching;
using Sternpost.Sieve.Running;
using Sternpost.Sieve.Tests;

namespace Sternpost.Sieve.Commands;

/// <summary>Changes of the header (RFC 5293).</summary>
internal static class HeaderCommands
{
    private const int FoldAt = 78;

    internal static readonly CommandSpec[] All =
    [
        new("addheader") { Extension = "editheader", Tags = [new("last", "last")], Positionals = [new(ArgumentKind.Text, "field name"), new(ArgumentKind.Text, "value")], Command = Add },
        new("deleteheader")
        {
            Extension = "editheader",
            Tags = [.. MatchTags.Match, new("index", "index", ArgumentKind.Number), new("last", "last")],
            Positionals = [new(ArgumentKind.Text, "field name"), new(ArgumentKind.TextList, "value patterns")],
            Optional = 1,
            Command = Delete,
        },
    ];

    private static Statement? Add(BoundCommand bound)
    {
        var (name, value, last, line) = (bound.Text(0), bound.Text(1), bound.Has("last"), bound.Line);
        var limit = bound.Compiler.Limits.HeaderCharacters;
        if ((name.Constant is { } known && NameProblem(known) is { } wrong && Report(bound, wrong)) || (value.Constant is { } text && ValueProblem(text, limit) is { } bad && Report(bound, bad))) return null;
        return run =>
        {
            var field = name.Of(run);
            if (NameProblem(field) is { } nameProblem) throw new ScriptFailure(line, nameProblem);
            // RFC 5293 §6: what the server says of a message is not for its recipient to forge.
            if (IsForbidden(run, field, added: true)) return Flow.Next;
            var content = value.Of(run);
            if (ValueProblem(content, limit) is { } valueProblem) throw new ScriptFailure(line, valueProblem);
            run.Message.Add(new SieveField(field, " " + Fold(field, content)), last);
            return Flow.Next;
        };
    }

    private static Statement? Delete(BoundCommand bound)
    {
        if (bound.Has("last") && !bound.Has("index"))
        {
            bound.Fail("the :last tag for the deleteheader command cannot be specified without the :index tag");
            return null;
        }
        var name = bound.Text(0);
        if (name.Constant is { } known && NameProblem(known) is { } wrong && Report(bound, wrong)) return null;
        IReadOnlyList<TextValue>? patterns = bound.Count > 1 ? bound.Texts(1) : null;
        if (MatchTags.Read(bound, patterns ?? []) is not { } match || MatchTags.ReadIndex(bound) is not { } index) return null;
        var line = bound.Line;
        return run =>
        {
            var field = name.Of(run);
            if (NameProblem(field) is { } nameProblem) throw new ScriptFailure(line, nameProblem);
            if (IsForbidden(run, field, added: false)) return Flow.Next;
            var there = MatchTags.At(run.Message.Named(field), index).ToList();
            if (patterns is not null)
            {
                // RFC 5293 §5: :count counts the fields, and then all of them go.
                if (match.Kind == MatchKind.Count) there = match.Test(run, there.Select(one => one.Decoded), patterns) ? there : [];
                else there = there.FindAll(one => match.Test(run, [one.Decoded], patterns));
            }
            run.Message.Remove(there);
            return Flow.Next;
        };
    }

    private static bool Report(BoundCommand bound, string problem)
    {
        bound.Fail(problem);
        return true;
    }

    // RFC 5293 §7: Received tells of loops, Auto-Submitted of answers to answers, so neither can be removed; the subject must stay changeable.
    private static bool IsForbidden(ScriptRun run, string name, bool added) =>
        (!added && (name.Equals("received", StringComparison.OrdinalIgnoreCase) || name.Equals("auto-submitted", StringComparison.OrdinalIgnoreCase))) || (!name.Equals("subject", StringComparison.OrdinalIgnoreCase) && run.Host.IsProtectedField(name));

    private static string? NameProblem(string name) =>
        name.Length is > 0 and <= 76 && name.All(c => c is > ' ' and < '\x7f' and not ':') ? null : $"specified field name '{Shown(name)}' is invalid";

    private static string? ValueProblem(string value, int limit)
    {
        if (value.Length > limit) return $"specified header value is too large: it has {value.Length} characters, and {limit} are the most";
        // RFC 5322 §2.2: what a body of a field may hold.
        return value.Any(c => char.IsControl(c) && c is not ('\t' or '\r' or '\n')) ? $"specified value '{Shown(value)}' is invalid: it holds control characters" : null;
    }

    private static string Shown(string text) => string.Concat(text.Take(80).Select(c => char.IsControl(c) ? '?' : c));

    // RFC 5322 §2.2.3: folded before white space. What is not ASCII stays UTF-8 (RFC 6532), as scripts compare it.
    private static string Fold(string name, string value)
    {
        value = string.Join(' ', value.ReplaceLineEndings("\n").Split('\n').Select(piece => piece.Trim(' ', '\t')).Where(piece => piece.Length > 0));
        if (name.Length + 2 + value.Length <= FoldAt) return value;
        var folded = new StringBuilder(value.Length + 16);
        var column = name.Length + 2;
        foreach (var word in value.Split(' '))
        {
            if (folded.Length > 0)
            {
                if (column + 1 + word.Length > FoldAt && word.Length > 0)
                {
                    folded.Append("\r\n ");
                    column = 1;
                }
                else
                {
                    folded.Append(' ');
                    column++;
                }
            }
            folded.Append(word);
            column += word.Length;
        }
        return folded.ToString();
    }
}
