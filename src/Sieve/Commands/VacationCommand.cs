using Sternpost.Sieve.Actions;
using Sternpost.Sieve.Compiling;
using Sternpost.Sieve.Language;
using Sternpost.Sieve.Running;

namespace Sternpost.Sieve.Commands;

/// <summary>Automatic answers (RFC 5230, RFC 6131).</summary>
internal static class VacationCommand
{
    internal static readonly CommandSpec Spec = new("vacation")
    {
        // RFC 6131 §2: who requires seconds has vacation as well.
        Extension = "vacation|vacation-seconds",
        Tags =
        [
            new("days", "period", ArgumentKind.Number), new("seconds", "period", ArgumentKind.Number, "vacation-seconds"), new("subject", "subject", ArgumentKind.Text), new("from", "from", ArgumentKind.Text),
            new("addresses", "addresses", ArgumentKind.TextList), new("mime", "mime"), new("handle", "handle", ArgumentKind.Text), .. FileCopy.Tags,
        ],
        Positionals = [new(ArgumentKind.Text, "reason")],
        Command = Make,
    };

    private static Statement? Make(BoundCommand bound)
    {
        var (reason, subject, from, handle, addresses, line) = (bound.Text(0), bound.TextOf("subject"), bound.TextOf("from"), bound.TextOf("handle"), bound.TextsOf("addresses") ?? [], bound.Line);
        var mime = bound.Has("mime");
        if (from?.Constant is { } sender && OutgoingAddress.Parse(sender) is null)
        {
            bound.Fail($"the vacation command's :from '{sender}' is no address");
            return null;
        }
        if (!FileCopy.Read(bound, out var copy)) return null;
        var every = Period(bound);
        return run =>
        {
            (Messages.Addresses.EmailAddress Address, string? Name)? author = null;
            if (from is not null) author = OutgoingAddress.Parse(from.Of(run)) ?? throw new ScriptFailure(line, "the vacation command's :from is no address");
            // RFC 5230 §4.7: an answer leaves the implicit keep as it is.
            run.Add(
                new VacationAction(line, reason.Of(run), subject?.Of(run), author?.Address, [.. addresses.Select(address => address.Of(run))], mime, handle?.Of(run), every)
                {
                    FromName = author?.Name,
                    Copy = copy?.Invoke(run),
                },
                copy: true);
            return Flow.Next;
        };
    }

    // RFC 5230 §4.1: the site's least and most hold whatever the script says; RFC 6131 §2: zero seconds answer each message.
    private static TimeSpan? Period(BoundCommand bound)
    {
        if (bound.Parameter("period") is not { } given) return null;
        var limits = bound.Compiler.Limits;
        var most = (ulong)limits.VacationMost.TotalSeconds;
        var seconds = bound.Tag("period") == "days" ? Math.Min(given.Number, 100_000) * 86_400 : given.Number;
        if (seconds == 0 && bound.Tag("period") == "seconds" && limits.VacationLeast < TimeSpan.FromDays(1)) return TimeSpan.Zero;
        return TimeSpan.FromSeconds(Math.Clamp(seconds, (ulong)limits.VacationLeast.TotalSeconds, most));
    }
}
