using Sternpost.Sieve.Compiling;
using Sternpost.Sieve.Language;
using Sternpost.Sieve.Running;

namespace Sternpost.Sieve.Commands;

/// <summary>Loops over the parts of a message (RFC 5703).</summary>
internal static class MimeCommands
{
    internal static readonly CommandSpec[] All =
    [
        new("foreverypart") { Extension = "foreverypart", Tags = [new("name", "name", ArgumentKind.Text)], Block = Block.Required, Command = ForEveryPart },
        new("break") { Extension = "foreverypart", Tags = [new("name", "name", ArgumentKind.Text)], Command = Break },
        new("extracttext")
        {
            Extension = "extracttext",
            Tags = [.. VariableCommands.Modifiers, new("first", "first-characters", ArgumentKind.Number)],
            Positionals = [new(ArgumentKind.Text, "variable name")],
            Command = ExtractText,
        },
    ];

    private static Statement? ForEveryPart(BoundCommand bound)
    {
        if (bound.Compiler.Loops.Count >= bound.Compiler.Limits.LoopDepth)
        {
            bound.Fail($"loops may be nested at most {bound.Compiler.Limits.LoopDepth} deep");
            return null;
        }
        var (name, block, line, depth) = (bound.Parameter("name")?.Texts[0].ToLowerInvariant(), bound.Block, bound.Line, bound.Compiler.Limits.LoopDepth);
        return run =>
        {
            // Included scripts may loop within the loop that includes them.
            if (run.Loops.Count >= depth) throw new ScriptFailure(line, $"loops may be nested at most {depth} deep");
            // RFC 5703 §3: in a loop, the parts below the one it is at; outside, all of the message, itself first.
            IEnumerable<SievePart> parts = run.Loops.Count > 0 ? Below(run.Loops[^1].Part) : run.Message.Parts;
            foreach (var part in parts)
            {
                run.Loops.Add((part, name));
                Flow flow;
                try
                {
                    flow = run.Run(block);
                }
                finally
                {
                    run.Loops.RemoveAt(run.Loops.Count - 1);
                }
                if (flow == Flow.Break)
                {
                    if (run.BreakTo is not null && run.BreakTo != name) return Flow.Break;
                    run.BreakTo = null;
                    break;
                }
                if (flow != Flow.Next) return flow;
            }
            return Flow.Next;
        };
    }

    private static IEnumerable<SievePart> Below(SievePart part) => part.Children.SelectMany(child => Below(child).Prepend(child));

    private static Statement? Break(BoundCommand bound)
    {
        var name = bound.Parameter("name")?.Texts[0].ToLowerInvariant();
        var loops = bound.Compiler.Loops;
        if (loops.Count == 0)
        {
            bound.Fail("the break command has no place outside of foreverypart");
            return null;
        }
        if (name is not null && !loops.Contains(name))
        {
            bound.Fail($"the break command names the loop '{name}', in which it is not");
            return null;
        }
        return run =>
        {
            run.BreakTo = name;
            return Flow.Break;
        };
    }

    private static Statement? ExtractText(BoundCommand bound)
    {
        if (!bound.Compiler.Has("foreverypart") || bound.Compiler.Loops.Count == 0)
        {
            bound.Fail("the extracttext command has no place outside of foreverypart");
            return null;
        }
        if (VariableCommands.Name(bound, bound.Positional(0)) is not { } name) return null;
        var (modify, first, line) = (VariableCommands.ReadModifiers(bound), bound.Parameter("first-characters")?.Number, bound.Line);
        return run =>
        {
            var part = run.Loops.Count > 0 ? run.Loops[^1].Part : run.Message.Parts[0];
            // RFC 5703 §7: of what is no text, the empty string.
            var text = part.Type == "text" ? part.Text(plain: true) : "";
            run.Budget.Spend(text.Length, line);
            if (first is { } most && (ulong)text.Length > most) text = text[..(int)most];
            run.Variables.Set(name, modify(run, text), line);
            return Flow.Next;
        };
    }
}
