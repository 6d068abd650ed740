using Sternpost.Sieve.Compiling;
using Sternpost.Sieve.Language;
using Sternpost.Sieve.Running;

namespace Sternpost.Sieve.Commands;

/// <summary>IMAP flags (RFC 5232).</summary>
internal static class FlagCommands
{
    /// <summary>The tag of keep and fileinto.</summary>
    internal static readonly TagSpec Tag = new("flags", "flags", ArgumentKind.TextList, "imap4flags");

    private static readonly Positional[] Arguments = [new(ArgumentKind.TextList, "variable name or flags"), new(ArgumentKind.TextList, "flags")];

    internal static readonly CommandSpec[] All =
    [
        new("setflag") { Extension = "imap4flags", Positionals = Arguments, Optional = 1, Command = bound => Make(bound, static (flags, given) => [.. given]) },
        new("addflag") { Extension = "imap4flags", Positionals = Arguments, Optional = 1, Command = bound => Make(bound, static (flags, given) => [.. flags.Union(given, StringComparer.OrdinalIgnoreCase)]) },
        new("removeflag") { Extension = "imap4flags", Positionals = Arguments, Optional = 1, Command = bound => Make(bound, static (flags, given) => [.. flags.Except(given, StringComparer.OrdinalIgnoreCase)]) },
    ];

    /// <summary>Each flag once; flags may stand together in one string, with spaces between (RFC 5232 §2). What can be no flag is left out.</summary>
    internal static List<string> Split(IEnumerable<string> lists) =>
        [.. lists.SelectMany(list => list.Split([' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries)).Where(IsFlag).Distinct(StringComparer.OrdinalIgnoreCase)];

    /// <summary>The flags an action stores with: its own, else those of the run.</summary>
    internal static Func<ScriptRun, IReadOnlyList<string>> Of(BoundCommand bound)
    {
        if (bound.TextsOf("flags") is not { } given) return static run => [.. run.Flags];
        return run => Split(given.Select(flag => flag.Of(run)));
    }

    private static Statement? Make(BoundCommand bound, Func<IReadOnlyList<string>, IReadOnlyList<string>, List<string>> change)
    {
        var given = bound.Texts(bound.Count - 1);
        if (bound.Count == 1)
        {
            return run =>
            {
                var changed = change(run.Flags, Split(given.Select(flag => flag.Of(run))));
                run.Flags.Clear();
                run.Flags.AddRange(changed);
                return Flow.Next;
            };
        }
        if (VariableCommands.Name(bound, bound.Positional(0)) is not { } name) return null;
        var line = bound.Line;
        return run =>
        {
            run.Variables.Set(name, string.Join(' ', change(Split([run.Variables.Get(name)]), Split(given.Select(flag => flag.Of(run))))), line);
            return Flow.Next;
        };
    }

    // RFC 9051 §9: flag = "\" and an atom, or a keyword, which is an atom; \Recent is the server's.
    private static bool IsFlag(string flag)
    {
        var name = flag.StartsWith('\\') ? flag[1..] : flag;
        if (flag.StartsWith('\\') && name.ToLowerInvariant() is not ("seen" or "answered" or "flagged" or "deleted" or "draft")) return false;
        return name.Length is > 0 and <= 100 && name.All(c => c is > ' ' and < '\x7f' and not ('(' or ')' or '{' or '%' or '*' or '"' or '\\' or ']'));
    }
}
