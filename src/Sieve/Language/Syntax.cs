namespace Sternpost.Sieve.Language;

/// <summary>What an argument can be (RFC 5228 §2.6).</summary>
internal enum ArgumentKind
{
    Number,
    Text,
    TextList,
    Tag,
}

/// <summary>An argument as written.</summary>
/// <param name="Kind">What it is; a list in brackets is a <see cref="ArgumentKind.TextList"/> even with one string in it.</param>
/// <param name="Name">Of a tag.</param>
/// <param name="Number">Of a number.</param>
/// <param name="Texts">Of strings.</param>
/// <param name="Line">Where.</param>
internal sealed record Argument(ArgumentKind Kind, string Name, ulong Number, IReadOnlyList<string> Texts, int Line)
{
    internal string Words => Kind switch { ArgumentKind.Number => "a number", ArgumentKind.Text => "a string", ArgumentKind.TextList => "a string list", _ => $"tag ':{Name}'" };
}

/// <summary>A command or a test as written.</summary>
/// <param name="Name">Its identifier.</param>
/// <param name="Arguments">Its arguments in order.</param>
/// <param name="Tests">The tests it has.</param>
/// <param name="IsTestList">They are in parentheses.</param>
/// <param name="Block">Commands in braces; null where there is a semicolon.</param>
/// <param name="Line">Where.</param>
internal sealed record CommandNode(string Name, IReadOnlyList<Argument> Arguments, IReadOnlyList<CommandNode> Tests, bool IsTestList, IReadOnlyList<CommandNode>? Block, int Line);
