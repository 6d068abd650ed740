using Sternpost.Sieve.Language;
using Sternpost.Sieve.Running;

namespace Sternpost.Sieve.Compiling;

/// <summary>A command whose arguments fit its grammar.</summary>
internal sealed class BoundCommand(CommandSpec spec, CommandNode node, Compiler compiler, IReadOnlyList<Argument> positionals, IReadOnlyDictionary<string, (TagSpec Tag, Argument? Parameter)> tags)
{
    internal int Line => node.Line;

    internal CommandNode Node => node;

    internal Compiler Compiler => compiler;

    internal string Title => spec.Title;

    internal int Count => positionals.Count;

    internal IReadOnlyList<Condition> Tests { get; init; } = [];

    internal IReadOnlyList<Statement> Block { get; init; } = [];

    internal Argument Positional(int index) => positionals[index];

    internal ulong Number(int index) => positionals[index].Number;

    internal TextValue Text(int index) => compiler.Value(positionals[index].Texts[0], positionals[index].Line);

    internal IReadOnlyList<TextValue> Texts(int index) => [.. positionals[index].Texts.Select(text => compiler.Value(text, positionals[index].Line))];

    /// <summary>The tag of a group, or null.</summary>
    internal string? Tag(string group) => tags.TryGetValue(group, out var found) ? found.Tag.Name : null;

    internal bool Has(string group) => tags.ContainsKey(group);

    internal Argument? Parameter(string group) => tags.TryGetValue(group, out var found) ? found.Parameter : null;

    internal TextValue? TextOf(string group) => Parameter(group) is { } given ? compiler.Value(given.Texts[0], given.Line) : null;

    internal IReadOnlyList<TextValue>? TextsOf(string group) => Parameter(group) is { } given ? [.. given.Texts.Select(text => compiler.Value(text, given.Line))] : null;

    /// <summary>Says that something is wrong with the command.</summary>
    internal void Fail(string text) => compiler.Fail(node.Line, text);

    /// <summary>A string that must be known when the script is read; null after an error that was reported.</summary>
    internal string? Constant(TextValue value, string what)
    {
        if (value.Constant is { } text) return text;
        Fail($"the {what} of the {Title} must not hold variables");
        return null;
    }
}
