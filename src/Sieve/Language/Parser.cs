namespace Sternpost.Sieve.Language;

/// <summary>
/// From tokens to commands (RFC 5228 §8.2). After an error it goes on behind the command that has it, so that one mistake is one message;
/// depth and number of everything are bounded.
/// </summary>
internal sealed class Parser
{
    private const int MaxDepth = 32;
    private const int MaxArguments = 32;
    private const int MaxListed = 10_000;
    private const int MaxCommands = 20_000;
    internal const int MaxProblems = 100;

    private readonly Lexer lexer;
    private readonly List<ScriptProblem> problems;
    private Token token;
    private int commands;
    private int depth;

    private Parser(string script, List<ScriptProblem> problems)
    {
        lexer = new Lexer(script);
        this.problems = problems;
        Advance();
    }

    /// <summary>The commands of a script; what is wrong goes into <paramref name="problems"/>, and where that is anything the commands are not to be used.</summary>
    internal static IReadOnlyList<CommandNode> Parse(string script, List<ScriptProblem> problems)
    {
        var parser = new Parser(script, problems);
        List<CommandNode> all = [];
        while (true)
        {
            parser.Commands(all);
            if (parser.token.Kind == TokenKind.End || problems.Count >= MaxProblems) return all;
            // Only a brace too many ends a list of commands early.
            parser.Fail("a block ends that was never begun");
            parser.Advance();
        }
    }

    private void Advance() => token = lexer.Next();

    private void Fail(string text) => Fail(text, token.Line);

    private void Fail(string text, int line)
    {
        if (problems.Count < MaxProblems) problems.Add(new ScriptProblem(line, token.Kind == TokenKind.Garbage ? token.Text : text));
    }

    private void Commands(List<CommandNode> into)
    {
        while (problems.Count < MaxProblems)
        {
            if (token.Kind is TokenKind.CloseBrace or TokenKind.End) return;
            if (token.Kind != TokenKind.Identifier)
            {
                Fail($"a command was expected, but {token.Name} was found");
                Recover();
                continue;
            }
            if (++commands > MaxCommands)
            {
                Fail($"a script may have at most {MaxCommands} commands");
                while (token.Kind != TokenKind.End) Advance();
                return;
            }
            if (Command() is { } command) into.Add(command);
        }
    }

    // Null after an error that has been reported, with what belongs to the command skipped.
    private CommandNode? Command()
    {
        var (name, line) = (token.Text, token.Line);
        Advance();
        if (ArgumentsAndTests(name) is not var (arguments, tests, list))
        {
            Recover();
            return null;
        }
        switch (token.Kind)
        {
            case TokenKind.Semicolon:
                Advance();
                return new CommandNode(name, arguments, tests, list, null, line);
            case TokenKind.OpenBrace:
                if (++depth > MaxDepth)
                {
                    Fail($"blocks may be nested at most {MaxDepth} deep");
                    depth--;
                    Recover();
                    return null;
                }
                Advance();
                List<CommandNode> block = [];
                Commands(block);
                depth--;
                if (token.Kind != TokenKind.CloseBrace)
                {
                    if (problems.Count < MaxProblems) Fail($"the block of the {name} command in line {line} has no end");
                    return null;
                }
                Advance();
                return new CommandNode(name, arguments, tests, list, block, line);
            default:
                Fail($"the {name} command must end in ';' or a block, but {token.Name} was found");
                Recover();
                return null;
        }
    }

    private (List<Argument> Arguments, List<CommandNode> Tests, bool IsList)? ArgumentsAndTests(string name)
    {
        List<Argument> arguments = [];
        while (true)
        {
            var line = token.Line;
            switch (token.Kind)
            {
                case TokenKind.Tag:
                    arguments.Add(new Argument(ArgumentKind.Tag, token.Text.ToLowerInvariant(), 0, [], line));
                    Advance();
                    break;
                case TokenKind.Number:
                    arguments.Add(new Argument(ArgumentKind.Number, "", token.Number, [], line));
                    Advance();
                    break;
                case TokenKind.Text:
                    arguments.Add(new Argument(ArgumentKind.Text, "", 0, [token.Text], line));
                    Advance();
                    break;
                case TokenKind.OpenBracket:
                    if (Texts() is not { } texts) return null;
                    arguments.Add(new Argument(ArgumentKind.TextList, "", 0, texts, line));
                    break;
                case TokenKind.Identifier:
                    return Test() is { } test ? (arguments, [test], false) : null;
                case TokenKind.OpenParenthesis:
                    return TestList() is { } tests ? (arguments, tests, true) : null;
                case TokenKind.Garbage:
                    Fail("");
                    if (token.IsCharacters) problems.Add(new ScriptProblem(token.Line, $"the {name} command must end in ';' or a block"));
                    return null;
                default:
                    return (arguments, [], false);
            }
            if (arguments.Count > MaxArguments)
            {
                Fail($"{name} has more than {MaxArguments} arguments");
                return null;
            }
        }
    }

    private List<string>? Texts()
    {
        List<string> texts = [];
        do
        {
            Advance();
            if (token.Kind != TokenKind.Text)
            {
                Fail($"a string was expected in the list, but {token.Name} was found");
                return null;
            }
            if (texts.Count == MaxListed)
            {
                Fail($"a list may have at most {MaxListed} strings");
                return null;
            }
            texts.Add(token.Text);
            Advance();
        }
        while (token.Kind == TokenKind.Comma);
        if (token.Kind != TokenKind.CloseBracket)
        {
            Fail($"the list of strings must end in ']', but {token.Name} was found");
            return null;
        }
        Advance();
        return texts;
    }

    private CommandNode? Test()
    {
        if (token.Kind != TokenKind.Identifier)
        {
            Fail($"a test was expected, but {token.Name} was found");
            return null;
        }
        if (++depth > MaxDepth)
        {
            Fail($"tests may be nested at most {MaxDepth} deep");
            depth--;
            return null;
        }
        var (name, line) = (token.Text, token.Line);
        Advance();
        var inner = ArgumentsAndTests(name);
        depth--;
        return inner is var (arguments, tests, list) ? new CommandNode(name, arguments, tests, list, null, line) : null;
    }

    private List<CommandNode>? TestList()
    {
        List<CommandNode> tests = [];
        do
        {
            Advance();
            if (Test() is not { } test) return null;
            tests.Add(test);
        }
        while (token.Kind == TokenKind.Comma);
        if (token.Kind != TokenKind.CloseParenthesis)
        {
            Fail($"the list of tests must end in ')', but {token.Name} was found");
            return null;
        }
        Advance();
        return tests;
    }

    // To behind the end of the command that is broken: its semicolon, or its block.
    private void Recover()
    {
        var open = 0;
        while (token.Kind != TokenKind.End)
        {
            switch (token.Kind)
            {
                case TokenKind.OpenBrace:
                    open++;
                    break;
                case TokenKind.CloseBrace when open == 0:
                    return;
                case TokenKind.CloseBrace when --open == 0:
                case TokenKind.Semicolon when open == 0:
                    Advance();
                    return;
            }
            Advance();
        }
    }
}
