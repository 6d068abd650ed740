using Sternpost.Sieve.Language;

namespace Sternpost.Sieve.Compiling;

/// <summary>Checks the arguments, tests and block of one command against its grammar (RFC 5228 §2.6): one message for one command.</summary>
internal readonly struct ArgumentBinder(Compiler compiler, CommandSpec spec, CommandNode node)
{
    /// <summary>The arguments sorted out; null after an error that was reported.</summary>
    internal (IReadOnlyList<Argument> Positionals, IReadOnlyDictionary<string, (TagSpec Tag, Argument? Parameter)> Tags)? Bind()
    {
        List<Argument> positionals = [];
        Dictionary<string, (TagSpec, Argument?)> tags = [];
        for (var at = 0; at < node.Arguments.Count; at++)
        {
            var argument = node.Arguments[at];
            if (argument.Kind == ArgumentKind.Tag)
            {
                if (FindTag(argument.Name) is not { } tag)
                {
                    // Behind other arguments it would be wrong even if it were known.
                    if (!compiler.UnknownTag(argument.Line, spec, argument.Name) && positionals.Count > 0) Misplaced(argument);
                    return null;
                }
                if (positionals.Count > 0) return Misplaced(argument);
                if (tags.TryGetValue(tag.Group, out var before))
                    return Fail(argument.Line, $"encountered an unexpected second {tag.Group} argument ':{argument.Name}' beside ':{before.Item1.Name}' for the {spec.Title}");
                Argument? parameter = null;
                if (tag.Parameter is { } kind)
                {
                    if (at + 1 == node.Arguments.Count) return Fail(argument.Line, $"the :{argument.Name} tag for the {spec.Title} requires {Word(kind)} as parameter, but there is none");
                    parameter = node.Arguments[++at];
                    if (!Fits(parameter.Kind, kind)) return Fail(parameter.Line, $"the :{argument.Name} tag for the {spec.Title} requires {Word(kind)} as parameter, but {parameter.Words} was found");
                }
                tags[tag.Group] = (tag, parameter);
                continue;
            }
            if (positionals.Count == spec.Positionals.Count)
                return Fail(argument.Line, spec.Positionals.Count == 0
                    ? $"the {spec.Title} accepts no positional arguments, but {argument.Words} was found"
                    : $"the {spec.Title} requires {Arguments(spec.Positionals.Count)}, but more are specified");
            var expected = spec.Positionals[positionals.Count];
            if (!Fits(argument.Kind, expected.Kind))
                return Fail(argument.Line, $"the {spec.Title} expects {Word(expected.Kind)} as argument {positionals.Count + 1} ({expected.Name}), but {argument.Words} was found");
            positionals.Add(argument);
        }
        var required = spec.Positionals.Count - spec.Optional;
        if (positionals.Count < required)
        {
            compiler.Fail(node.Line, $"the {spec.Title} requires {Arguments(required)}, but {positionals.Count} {(positionals.Count == 1 ? "is" : "are")} specified");
            CheckColon();
            return null;
        }
        return TestsAreWrong() || BlockIsWrong() ? null : (positionals, tags);
    }

    private static string Arguments(int count) => $"{count} positional argument{(count == 1 ? "" : "s")}";

    private (IReadOnlyList<Argument>, IReadOnlyDictionary<string, (TagSpec, Argument?)>)? Fail(int line, string text)
    {
        compiler.Fail(line, text);
        return null;
    }

    private (IReadOnlyList<Argument>, IReadOnlyDictionary<string, (TagSpec, Argument?)>)? Misplaced(Argument argument) =>
        Fail(argument.Line, $"encountered an unexpected tagged argument ':{argument.Name}' while validating positional arguments for the {spec.Title}");

    private TagSpec? FindTag(string name)
    {
        foreach (var tag in spec.Tags)
        {
            if (tag.Name == name && (tag.Extension is null || tag.Extension.Split('|').Any(compiler.Has))) return tag;
        }
        return null;
    }

    // "matches" for ":matches" is read as a test.
    private void CheckColon()
    {
        if (node.Tests.Count > 0 && FindTag(node.Tests[0].Name.ToLowerInvariant()) is { } tag) compiler.Fail(node.Tests[0].Line, $"missing colon ':' before ':{tag.Name}' tag in {spec.Title}");
    }

    private bool TestsAreWrong()
    {
        switch (spec.Tests)
        {
            case SubTests.None when node.Tests.Count > 0:
                // What comes on the next line after a forgotten semicolon is read as a test.
                var first = node.Tests[0];
                var isTest = compiler.Find(first.Name, isTest: true) is not null;
                compiler.Fail(node.Line, isTest ? $"the {spec.Title} accepts no sub-tests, but tests are specified" : $"missing semicolon ';' after {spec.Title}");
                return true;
            case SubTests.One when node.Tests.Count != 1 || node.IsTestList:
                compiler.Fail(node.Line, node.Tests.Count == 0 ? $"the {spec.Title} requires a test, but there is none" : $"the {spec.Title} requires one test, but a list of them is specified");
                return true;
            case SubTests.List when node.Tests.Count == 0 || !node.IsTestList:
                compiler.Fail(node.Line, $"the {spec.Title} requires a list of tests in parentheses");
                return true;
            default:
                return false;
        }
    }

    private bool BlockIsWrong()
    {
        if (spec.Test is not null || (spec.Block == Block.Required) == (node.Block is not null)) return false;
        compiler.Fail(node.Line, spec.Block == Block.Required ? $"the {spec.Title} requires a command block, but there is none" : $"the {spec.Title} does not accept a command block, but there is one");
        return true;
    }

    private static bool Fits(ArgumentKind found, ArgumentKind wanted) => found == wanted || (wanted == ArgumentKind.TextList && found == ArgumentKind.Text);

    private static string Word(ArgumentKind kind) => kind switch { ArgumentKind.Number => "a number", ArgumentKind.Text => "a string", _ => "a string list" };
}
