using Sternpost.Sieve.Language;
using Sternpost.Sieve.Running;

namespace Sternpost.Sieve.Compiling;

/// <summary>From syntax to what runs: knows which extensions a script has required, checks each command against its grammar, and makes it (RFC 5228 §2.10.5).</summary>
internal sealed class Compiler(Dialect dialect, SieveLimits limits, IncludeTree includes, List<ScriptProblem> problems)
{
    private readonly HashSet<string> required = new(StringComparer.Ordinal);
    private readonly HashSet<string> unknown = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> variables = new(StringComparer.Ordinal);
    private readonly HashSet<string> globals = new(StringComparer.Ordinal);
    private bool begun;
    private bool toldOfVariables;

    /// <summary>Loops around the command being read (RFC 5703 §3), the innermost last; null for one without a name.</summary>
    internal List<string?> Loops { get; } = [];

    internal SieveLimits Limits => limits;

    /// <summary>The script, or one it includes, asks how much of spam a message is (RFC 5235).</summary>
    internal bool TestsSpam { get; private set; }

    internal IReadOnlyList<Statement> Compile(IReadOnlyList<CommandNode> nodes)
    {
        var statements = Commands(nodes, top: true);
        // RFC 5703 §7: it takes text out of parts and puts it into variables.
        if (!problems.Exists(problem => !problem.IsWarning) && Has("extracttext") && !(Has("foreverypart") && Has("variables"))) Fail(1, "the extracttext extension needs: require [\"foreverypart\", \"variables\"]");
        return statements;
    }

    internal void Fail(int line, string text)
    {
        if (problems.Count < Parser.MaxProblems) problems.Add(new ScriptProblem(line, text));
    }

    internal void Warn(int line, string text)
    {
        if (problems.Count < Parser.MaxProblems) problems.Add(new ScriptProblem(line, text, IsWarning: true));
    }

    /// <summary>Says once for each command that it has no such tag; false where that has been said.</summary>
    internal bool UnknownTag(int line, CommandSpec spec, string tag)
    {
        if (!unknown.Add($"{spec.Title}:{tag}")) return false;
        Fail(line, $"unknown tagged argument ':{tag}' for the {spec.Title} (reported only once at first occurrence)");
        return true;
    }

    internal bool Has(string extension) => required.Contains(extension);

    internal Dialect Dialect => dialect;

    /// <summary>Makes an extension known from here on; false where there is none of this name.</summary>
    internal bool Require(string extension)
    {
        if (!dialect.Extensions.Contains(extension)) return false;
        required.Add(extension);
        TestsSpam |= extension is "spamtest" or "spamtestplus";
        return true;
    }

    /// <summary>A string with its encoded characters undone and its variables known.</summary>
    internal TextValue Value(string text, int line)
    {
        if (Has("encoded-character"))
        {
            text = EncodedCharacters.Undo(text, out var wrong);
            if (wrong is not null) Fail(line, wrong);
        }
        if (!Has("variables")) return TextValue.Fixed(text);
        var value = TextValue.Parse(text, out var problem);
        if (problem is not null) Fail(line, problem);
        return value;
    }

    /// <summary>Whether a variable of this name can be set, which is counted.</summary>
    internal bool IsVariable(string name, out string problem)
    {
        name = name.ToLowerInvariant();
        var isGlobal = name.StartsWith("global.", StringComparison.Ordinal);
        var plain = isGlobal ? name["global.".Length..] : name;
        problem = "";
        if (plain.Contains('.', StringComparison.Ordinal) || (isGlobal && !Has("include"))) problem = $"the namespace of the variable '{name}' is not known";
        else if (!Sieve.Commands.VariableCommands.IsIdentifier(plain)) problem = $"'{name}' is no name of a variable";
        else if (!isGlobal && !globals.Contains(plain) && variables.Add(plain) && variables.Count > limits.Variables)
        {
            // Said once, of whatever comes first.
            problem = $"a script may have at most {limits.Variables} variables";
            if (toldOfVariables)
            {
                problem = "";
                return true;
            }
            toldOfVariables = true;
        }
        return problem.Length == 0;
    }

    /// <summary>Makes a variable one of all scripts of a run; false where it has been used as this one's own.</summary>
    internal bool DeclareGlobal(string name)
    {
        if (variables.Contains(name)) return false;
        globals.Add(name);
        return true;
    }

    /// <summary>Reads a script that is included; false after an error that was reported. Null comes out where there is none and that is allowed, or where nobody could be asked.</summary>
    internal bool Include(int line, ScriptLocation location, string name, bool optional, bool once, out CompiledScript? script)
    {
        script = null;
        // By then it has been included, so it is not again.
        if (once && includes.IsOpen(location, name)) return true;
        if (includes.Begin(location, name, limits, out var problem) is not { } text)
        {
            if (problem is null && (optional || !includes.IsKnown)) return true;
            Fail(line, problem ?? $"included script '{name}' does not exist");
            return false;
        }
        var before = problems.Count;
        script = CompiledScript.Read(text, dialect, limits, includes, problems);
        includes.End();
        TestsSpam |= script.TestsSpam;
        if (!problems.Skip(before).Any(found => !found.IsWarning)) return true;
        Fail(line, $"failed to include the script '{name}'");
        return false;
    }

    private List<Statement> Commands(IReadOnlyList<CommandNode> nodes, bool top)
    {
        List<Statement> made = [];
        for (var at = 0; at < nodes.Count; at++)
        {
            var node = nodes[at];
            if (node.Name.Equals("require", StringComparison.OrdinalIgnoreCase))
            {
                Require(node, top && !begun);
                continue;
            }
            begun = true;
            if (node.Name.Equals("if", StringComparison.OrdinalIgnoreCase))
            {
                var end = at + 1;
                while (end < nodes.Count && nodes[end].Name.ToLowerInvariant() is "elsif" or "else") end++;
                if (Branches(nodes, at, end) is { } branches) made.Add(branches);
                at = end - 1;
                continue;
            }
            if (node.Name.ToLowerInvariant() is "elsif" or "else")
            {
                Fail(node.Line, $"the {node.Name.ToLowerInvariant()} command must follow an if or elsif command");
                // The rest of a chain without a head is one mistake.
                while (at + 1 < nodes.Count && nodes[at + 1].Name.ToLowerInvariant() is "elsif" or "else") at++;
                continue;
            }
            if (Bind(node, asTest: false) is var (spec, bound) && spec.Command!(bound) is { } statement) made.Add(statement);
        }
        return made;
    }

    // RFC 5228 §3.1: an if with what follows it.
    private Statement? Branches(IReadOnlyList<CommandNode> nodes, int from, int to)
    {
        List<(Condition? Condition, IReadOnlyList<Statement> Block)> branches = [];
        var (sound, ended) = (true, false);
        for (var at = from; at < to; at++)
        {
            var node = nodes[at];
            if (ended)
            {
                Fail(node.Line, $"the {node.Name.ToLowerInvariant()} command must follow an if or elsif command");
                sound = false;
                break;
            }
            ended = node.Name.Equals("else", StringComparison.OrdinalIgnoreCase);
            if (Bind(node, asTest: false) is not var (_, bound))
            {
                sound = false;
                continue;
            }
            branches.Add((ended ? null : bound.Tests.Count > 0 ? bound.Tests[0] : null, bound.Block));
        }
        if (!sound) return null;
        return run =>
        {
            foreach (var (condition, block) in branches)
            {
                if (condition is null || condition(run)) return run.Run(block);
            }
            return Flow.Next;
        };
    }

    private void Require(CommandNode node, bool allowed)
    {
        if (!allowed)
        {
            Fail(node.Line, "the require command must come before all other commands");
            return;
        }
        if (node.Tests.Count > 0 || node.Block is not null || node.Arguments is not [{ Kind: ArgumentKind.Text or ArgumentKind.TextList }])
        {
            Fail(node.Line, "the require command takes a string or a list of strings, and nothing else");
            return;
        }
        foreach (var name in node.Arguments[0].Texts)
        {
            if (!Require(name)) Fail(node.Line, $"the require command names '{name}', which this server does not have");
        }
    }

    /// <summary>Checks a command or test against its grammar; null after an error that was reported. What is inside is checked as well.</summary>
    internal (CommandSpec Spec, BoundCommand Bound)? Bind(CommandNode node, bool asTest)
    {
        var known = Find(node.Name, asTest);
        if (known is null)
        {
            if (Find(node.Name, !asTest) is { } other)
            {
                Fail(node.Line, $"attempted to use {(asTest ? "command" : "test")} '{other.Name}' as {(asTest ? "test" : "command")}");
            }
            else if (unknown.Add(node.Name))
            {
                var missing = dialect.Find(node.Name, asTest)?.Extension is { } extension ? $"; it needs: require \"{extension.Split('|')[0]}\"" : "";
                Fail(node.Line, $"unknown {(asTest ? "test" : "command")} '{node.Name}' (only reported once at first occurrence){missing}");
            }
            return null;
        }
        var arguments = new ArgumentBinder(this, known, node).Bind();
        var isLoop = known.Name == "foreverypart" && arguments is not null;
        if (isLoop) Loops.Add(arguments!.Value.Tags.TryGetValue("name", out var name) ? name.Parameter!.Texts[0].ToLowerInvariant() : null);
        List<Condition> tests = [];
        var sound = arguments is not null;
        if (known.Tests != SubTests.None)
        {
            foreach (var test in node.Tests)
            {
                if (Test(test) is { } condition) tests.Add(condition);
                else sound = false;
            }
        }
        IReadOnlyList<Statement> block = known.Block == Block.Required && node.Block is { } inner ? Commands(inner, top: false) : [];
        if (isLoop) Loops.RemoveAt(Loops.Count - 1);
        return sound ? (known, new BoundCommand(known, node, this, arguments!.Value.Positionals, arguments.Value.Tags) { Tests = tests, Block = block }) : null;
    }

    private Condition? Test(CommandNode node) => Bind(node, asTest: true) is var (spec, bound) ? spec.Test!(bound) : null;

    internal CommandSpec? Find(string name, bool isTest) => dialect.Find(name, isTest) is { } spec && (spec.Extension is null || spec.Extension.Split('|').Any(Has)) ? spec : null;
}
