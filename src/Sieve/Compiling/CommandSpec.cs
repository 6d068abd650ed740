using Sternpost.Sieve.Language;
using Sternpost.Sieve.Running;

namespace Sternpost.Sieve.Compiling;

/// <summary>Whether a command has tests.</summary>
internal enum SubTests
{
    None,
    One,
    List,
}

/// <summary>Whether a command has a block.</summary>
internal enum Block
{
    None,
    Required,
}

/// <summary>An argument without a tag.</summary>
/// <param name="Kind">A <see cref="ArgumentKind.TextList"/> takes one string too.</param>
/// <param name="Name">For messages: "key list".</param>
internal sealed record Positional(ArgumentKind Kind, string Name);

/// <summary>A tagged argument.</summary>
/// <param name="Name">Without its colon.</param>
/// <param name="Group">Of one group there is one at most.</param>
/// <param name="Parameter">What follows it, or null.</param>
/// <param name="Extension">Without which it is unknown; null for the language's own.</param>
internal sealed record TagSpec(string Name, string Group, ArgumentKind? Parameter = null, string? Extension = null);

/// <summary>A command or test of the language: its grammar, and what it becomes.</summary>
internal sealed record CommandSpec(string Name)
{
    /// <summary>Without which it is unknown; null for the language's own. Several, one of which will do, are separated by a bar.</summary>
    internal string? Extension { get; init; }

    internal IReadOnlyList<Positional> Positionals { get; init; } = [];

    /// <summary>How many of the last positional arguments may be missing.</summary>
    internal int Optional { get; init; }

    internal IReadOnlyList<TagSpec> Tags { get; init; } = [];

    internal SubTests Tests { get; init; }

    internal Block Block { get; init; }

    /// <summary>What the command becomes; null for a test. Null comes out after an error that was reported.</summary>
    internal Func<BoundCommand, Statement?>? Command { get; init; }

    /// <summary>What the test becomes; null for a command.</summary>
    internal Func<BoundCommand, Condition?>? Test { get; init; }

    internal string Title => $"{Name} {(Test is null ? "command" : "test")}";
}
