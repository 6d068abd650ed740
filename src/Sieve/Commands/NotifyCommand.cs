using Sternpost.Sieve.Actions;
using Sternpost.Sieve.Compiling;
using Sternpost.Sieve.Language;
using Sternpost.Sieve.Running;

namespace Sternpost.Sieve.Commands;

/// <summary>Notifications (RFC 5435, RFC 5436).</summary>
internal static class NotifyCommand
{
    internal static readonly CommandSpec Spec = new("notify")
    {
        Extension = "enotify",
        Tags = [new("from", "from", ArgumentKind.Text), new("importance", "importance", ArgumentKind.Text), new("options", "options", ArgumentKind.TextList), new("message", "message", ArgumentKind.Text), .. FileCopy.Tags],
        Positionals = [new(ArgumentKind.Text, "method")],
        Command = Make,
    };

    // RFC 5435 §3.5: a name that begins with a letter or digit, "=", and a value in one line; mailto (RFC 5436 §2.4) knows none.
    private static bool IsOption(string option)
    {
        var equal = option.IndexOf('=', StringComparison.Ordinal);
        return equal > 0 && char.IsAsciiLetterOrDigit(option[0]) && option.AsSpan(0, equal).IndexOfAnyExcept(System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_")) < 0
            && !option.AsSpan(equal).ContainsAny('\r', '\n', '\0');
    }

    private static Statement? Make(BoundCommand bound)
    {
        var (method, from, importance, message, line) = (bound.Text(0), bound.TextOf("from"), bound.TextOf("importance"), bound.TextOf("message"), bound.Line);
        var most = bound.Compiler.Limits.Notifications;
        if (method.Constant is { } uri && MailtoUri.TryParse(uri, out var problem) is null)
        {
            bound.Fail(problem);
            return null;
        }
        if (from?.Constant is { } sender && OutgoingAddress.Parse(sender) is null)
        {
            bound.Fail($"the notify command's :from '{sender}' is no address");
            return null;
        }
        if (importance?.Constant is { } level && level is not ("1" or "2" or "3"))
        {
            bound.Fail($"the notify command's :importance is 1, 2 or 3, but not '{level}'");
            return null;
        }
        foreach (var option in bound.TextsOf("options") ?? [])
        {
            if (option.Constant is not { } known) continue;
            if (!IsOption(known))
            {
                bound.Fail($"the notify command's option '{known}' is not of the form name=value");
                return null;
            }
            bound.Compiler.Warn(bound.Line, $"the notify command's option '{known}' means nothing to mailto");
        }
        if (!FileCopy.Read(bound, out var copy)) return null;
        return run =>
        {
            if (MailtoUri.TryParse(method.Of(run), out var wrong) is not { } parsed) throw new ScriptFailure(line, wrong);
            (Messages.Addresses.EmailAddress Address, string? Name)? author = null;
            if (from is not null) author = OutgoingAddress.Parse(from.Of(run)) ?? throw new ScriptFailure(line, "the notify command's :from is no address");
            if (run.Actions.Count(known => known is NotifyAction) >= most) throw new ScriptFailure(line, $"the number of notify actions exceeds policy limit ({most})");
            var urgency = importance?.Of(run) is ['1' or '2' or '3'] given ? given[0] - '0' : 2;
            // RFC 5435 §3: the implicit keep stays as it is.
            run.Add(new NotifyAction(line, parsed, author?.Address, urgency, message?.Of(run)) { Copy = copy?.Invoke(run) }, copy: true);
            return Flow.Next;
        };
    }
}
