using Sternpost.Sieve.Compiling;
using Sternpost.Sieve.Language;
using Sternpost.Sieve.Running;

namespace Sternpost.Sieve.Commands;

/// <summary>What goes where (RFC 5228 §3), and <c>error</c> (RFC 5463 §5). <c>require</c> is the compiler's own, and so is what an <c>if</c> becomes.</summary>
internal static class ControlCommands
{
    internal static readonly CommandSpec[] All =
    [
        new("if") { Tests = SubTests.One, Block = Block.Required, Command = Nothing },
        new("elsif") { Tests = SubTests.One, Block = Block.Required, Command = Nothing },
        new("else") { Block = Block.Required, Command = Nothing },
        new("stop") { Command = static _ => static _ => Flow.Stop },
        new("error") { Extension = "ihave", Positionals = [new(ArgumentKind.Text, "message")], Command = Error },
    ];

    private static Statement Nothing(BoundCommand bound) => static _ => Flow.Next;

    private static Statement Error(BoundCommand bound)
    {
        var (message, line) = (bound.Text(0), bound.Line);
        return run => throw new ScriptFailure(line, message.Of(run));
    }
}
