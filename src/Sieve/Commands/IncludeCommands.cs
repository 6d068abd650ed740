using Sternpost.Sieve.Compiling;
using Sternpost.Sieve.Language;
using Sternpost.Sieve.Running;

namespace Sternpost.Sieve.Commands;

/// <summary>Scripts in scripts (RFC 6609). They are read with the script that includes them, so that a fault in one is known before it runs.</summary>
internal static class IncludeCommands
{
    internal static readonly CommandSpec[] All =
    [
        new("include")
        {
            Extension = "include",
            Tags = [new("personal", "location"), new("global", "location"), new("once", "once"), new("optional", "optional")],
            Positionals = [new(ArgumentKind.Text, "script name")],
            Command = Include,
        },
        new("return") { Extension = "include", Command = static _ => static _ => Flow.Return },
        new("global") { Extension = "include", Positionals = [new(ArgumentKind.TextList, "variable names")], Command = Global },
    ];

    private static Statement? Include(BoundCommand bound)
    {
        if (bound.Constant(bound.Text(0), "script name") is not { } name) return null;
        if (!IsScriptName(name))
        {
            bound.Fail($"invalid script name '{new string([.. name.Take(80).Select(c => char.IsControl(c) ? '?' : c)])}' for the include command");
            return null;
        }
        var location = bound.Tag("location") == "global" ? ScriptLocation.Global : ScriptLocation.Personal;
        var (once, optional) = (bound.Has("once"), bound.Has("optional"));
        if (!bound.Compiler.Include(bound.Line, location, name, optional, once, out var script)) return null;
        return run =>
        {
            // RFC 6609 §3.2: what has been included with or without :once counts.
            if (!run.Included.Add((location, name)) && once) return Flow.Next;
            if (script is null) return Flow.Next;
            var scope = run.Variables;
            run.Variables = run.NewScope();
            run.IncludeDepth++;
            var flow = run.Run(script.Statements);
            run.IncludeDepth--;
            run.Variables = scope;
            // Neither a return nor a break leaves the script that was included.
            return flow == Flow.Stop ? Flow.Stop : Flow.Next;
        };
    }

    private static Statement? Global(BoundCommand bound)
    {
        if (!bound.Compiler.Has("variables"))
        {
            bound.Fail("the global command needs: require \"variables\"");
            return null;
        }
        List<string> names = [.. bound.Positional(0).Texts.Select(name => name.ToLowerInvariant())];
        foreach (var name in names)
        {
            if (!VariableCommands.IsIdentifier(name))
            {
                bound.Fail($"'{name}' is no name of a variable");
                return null;
            }
            if (!bound.Compiler.DeclareGlobal(name))
            {
                bound.Fail($"the variable '{name}' is used before it is declared global");
                return null;
            }
        }
        return run =>
        {
            foreach (var name in names) run.Variables.DeclareGlobal(name);
            return Flow.Next;
        };
    }

    // RFC 5804 §1.6: no slash, no control characters, no line or paragraph separators.
    private static bool IsScriptName(string name) =>
        name.Length is > 0 and <= 512 && SieveText.IsValid(name) && !name.Contains('/', StringComparison.Ordinal) && !name.Any(c => char.IsControl(c) || c is '\u2028' or '\u2029');
}
