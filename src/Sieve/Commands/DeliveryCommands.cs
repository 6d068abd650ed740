using Sternpost.Sieve.Actions;
using Sternpost.Sieve.Compiling;
using Sternpost.Sieve.Language;
using Sternpost.Sieve.Running;

namespace Sternpost.Sieve.Commands;

/// <summary>Where a message goes (RFC 5228 §4, RFC 5429, RFC 3894).</summary>
internal static class DeliveryCommands
{
    private static readonly TagSpec Copy = new("copy", "copy", null, "copy");

    /// <summary>The tags by which fileinto and :fcc say which mailbox, beside its name.</summary>
    internal static readonly TagSpec[] MailboxTags = [FlagCommands.Tag, new("create", "create", null, "mailbox"), new("specialuse", "specialuse", ArgumentKind.Text, "special-use")];

    internal static readonly CommandSpec[] All =
    [
        new("keep") { Tags = [FlagCommands.Tag], Command = Keep },
        new("discard") { Command = static bound => { var line = bound.Line; return run => { run.Add(new DiscardAction(line)); return Flow.Next; }; } },
        new("fileinto") { Extension = "fileinto", Tags = [Copy, .. MailboxTags], Positionals = [new(ArgumentKind.Text, "mailbox")], Command = FileInto },
        new("redirect") { Tags = [Copy], Positionals = [new(ArgumentKind.Text, "address")], Command = Redirect },
        new("reject") { Extension = "reject", Positionals = [new(ArgumentKind.Text, "reason")], Command = static bound => Reject(bound, extended: false) },
        new("ereject") { Extension = "ereject", Positionals = [new(ArgumentKind.Text, "reason")], Command = static bound => Reject(bound, extended: true) },
    ];

    private static Statement Keep(BoundCommand bound)
    {
        var (flags, line) = (FlagCommands.Of(bound), bound.Line);
        return run =>
        {
            run.Add(new KeepAction(line, flags(run)));
            return Flow.Next;
        };
    }

    private static Statement? FileInto(BoundCommand bound)
    {
        if (Mailbox(bound, bound.Text(0)) is not { } file) return null;
        var copy = bound.Has("copy");
        return run =>
        {
            run.Add(file(run), copy);
            return Flow.Next;
        };
    }

    /// <summary>What files into the mailbox that a command's tags and <paramref name="name"/> say; null after an error that was reported.</summary>
    internal static Func<ScriptRun, FileIntoAction>? Mailbox(BoundCommand bound, TextValue name)
    {
        if (name.Constant is { } known && !IsMailboxName(known))
        {
            bound.Fail($"invalid folder name '{known}' for the {bound.Title}: it is no UTF-8 text of reasonable length");
            return null;
        }
        var (flags, line, create, use) = (FlagCommands.Of(bound), bound.Line, bound.Has("create"), bound.TextOf("specialuse"));
        if (use?.Constant is { } constant && !SpecialUses.IsOne(constant))
        {
            bound.Fail($"'{constant}' is no special use of a mailbox; one begins with a backslash");
            return null;
        }
        return run =>
        {
            var mailbox = name.Of(run);
            if (!IsMailboxName(mailbox)) throw new ScriptFailure(line, "invalid folder name: it is no UTF-8 text of reasonable length");
            return new FileIntoAction(line, mailbox, flags(run), create, use?.Of(run));
        };
    }

    internal static bool IsMailboxName(string name) => name.Length is > 0 and <= 1000 && SieveText.IsValid(name) && !name.Contains('\0', StringComparison.Ordinal);

    private static Statement? Redirect(BoundCommand bound)
    {
        var (text, copy, line) = (bound.Text(0), bound.Has("copy"), bound.Line);
        if (text.Constant is { } known && OutgoingAddress.Parse(known) is null)
        {
            bound.Fail($"the redirect command's '{known}' is no address");
            return null;
        }
        return run =>
        {
            if (OutgoingAddress.Parse(text.Of(run)) is not var (address, _)) throw new ScriptFailure(line, $"the redirect command's '{text.Of(run)}' is no address");
            run.Add(new RedirectAction(line, address), copy);
            return Flow.Next;
        };
    }

    private static Statement Reject(BoundCommand bound, bool extended)
    {
        var (reason, line) = (bound.Text(0), bound.Line);
        return run =>
        {
            run.Add(new RejectAction(line, reason.Of(run), extended));
            return Flow.Next;
        };
    }
}
