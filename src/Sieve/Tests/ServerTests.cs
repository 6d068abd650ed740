using System.Globalization;
using Sternpost.Sieve.Actions;
using Sternpost.Sieve.Commands;
using Sternpost.Sieve.Compiling;
using Sternpost.Sieve.Language;
using Sternpost.Sieve.Matching;
using Sternpost.Sieve.Running;

namespace Sternpost.Sieve.Tests;

/// <summary>What scripts ask of the server around them: mailboxes, verdicts, the environment, what was seen before, what it can do.</summary>
internal static class ServerTests
{
    internal static readonly CommandSpec[] All =
    [
        // RFC 5490 §3.1.
        new("mailboxexists") { Extension = "mailbox", Positionals = [new(ArgumentKind.TextList, "mailbox names")], Test = MailboxExists },
        // RFC 8579 §3.1.
        new("specialuse_exists") { Extension = "special-use", Positionals = [new(ArgumentKind.TextList, "mailbox or special uses"), new(ArgumentKind.TextList, "special uses")], Optional = 1, Test = SpecialUseExists },
        // RFC 5183 §4.
        new("environment") { Extension = "environment", Tags = MatchTags.Match, Positionals = [new(ArgumentKind.Text, "item"), new(ArgumentKind.TextList, "key list")], Test = Environment },
        // RFC 5235.
        new("spamtest") { Extension = "spamtest|spamtestplus", Tags = [.. MatchTags.Match, new("percent", "percent", null, "spamtestplus")], Positionals = [new(ArgumentKind.Text, "value")], Test = Spam },
        new("virustest") { Extension = "virustest", Tags = MatchTags.Match, Positionals = [new(ArgumentKind.Text, "value")], Test = Virus },
        // RFC 7352 §3.
        new("duplicate")
        {
            Extension = "duplicate",
            Tags = [new("handle", "handle", ArgumentKind.Text), new("header", "source", ArgumentKind.Text), new("uniqueid", "source", ArgumentKind.Text), new("seconds", "seconds", ArgumentKind.Number), new("last", "last")],
            Test = Duplicate,
        },
        // RFC 5463 §4.
        new("ihave") { Extension = "ihave", Positionals = [new(ArgumentKind.TextList, "capabilities")], Test = IHave },
        // RFC 5435 §4, §5.
        new("valid_notify_method") { Extension = "enotify", Positionals = [new(ArgumentKind.TextList, "notification URIs")], Test = ValidNotifyMethod },
        new("notify_method_capability")
        {
            Extension = "enotify",
            Tags = MatchTags.Match,
            Positionals = [new(ArgumentKind.Text, "notification URI"), new(ArgumentKind.Text, "capability"), new(ArgumentKind.TextList, "key list")],
            Test = NotifyCapability,
        },
    ];

    private static Condition MailboxExists(BoundCommand bound)
    {
        var names = bound.Texts(0);
        foreach (var name in names)
        {
            if (name.Constant is { } known && !DeliveryCommands.IsMailboxName(known)) bound.Compiler.Warn(bound.Line, $"'{known}' is no name of a mailbox, so the {bound.Title} is always false");
        }
        return run => names.Select(name => name.Of(run)).All(name => DeliveryCommands.IsMailboxName(name) && run.Host.MailboxExists(name));
    }

    private static Condition? SpecialUseExists(BoundCommand bound)
    {
        if (bound.Count == 2 && bound.Positional(0).Texts.Count != 1)
        {
            bound.Fail("the specialuse_exists test takes one mailbox name");
            return null;
        }
        var (mailbox, uses) = (bound.Count == 2 ? bound.Text(0) : null, bound.Texts(bound.Count - 1));
        foreach (var use in uses)
        {
            if (use.Constant is not { } known || SpecialUses.IsOne(known)) continue;
            bound.Fail($"'{known}' is no special use of a mailbox; one begins with a backslash");
            return null;
        }
        return run =>
        {
            var name = mailbox?.Of(run);
            if (name is not null && !DeliveryCommands.IsMailboxName(name)) return false;
            return uses.All(use => run.Host.SpecialUseExists(name, use.Of(run)));
        };
    }

    private static Condition? Environment(BoundCommand bound)
    {
        var (item, keys) = (bound.Text(0), bound.Texts(1));
        // RFC 5183 §4: an item nobody knows makes the test false, whatever it is compared with.
        return MatchTags.Read(bound, keys) is { } match ? run => run.Host.Environment(item.Of(run).ToLowerInvariant()) is { } value && match.Test(run, [value], keys) : null;
    }

    private static Condition? Spam(BoundCommand bound)
    {
        IReadOnlyList<TextValue> keys = [bound.Text(0)];
        if (MatchTags.Read(bound, keys) is not { } match) return null;
        var percent = bound.Has("percent");
        return run =>
        {
            var (score, share) = run.Host.Spam;
            // RFC 5235 §2.2: counted, there is one value, or none where nothing was tested.
            if (match.Kind == MatchKind.Count) return match.Test(run, percent && share is null || score == 0 ? [] : [""], keys);
            return match.Test(run, [(percent ? share ?? 0 : score).ToString(CultureInfo.InvariantCulture)], keys);
        };
    }

    private static Condition? Virus(BoundCommand bound)
    {
        IReadOnlyList<TextValue> keys = [bound.Text(0)];
        return MatchTags.Read(bound, keys) is { } match ? run => match.Test(run, match.Kind == MatchKind.Count ? run.Host.Virus == 0 ? [] : [""] : [run.Host.Virus.ToString(CultureInfo.InvariantCulture)], keys) : null;
    }

    private static Condition Duplicate(BoundCommand bound)
    {
        var (handle, source, last) = (bound.TextOf("handle"), bound.TextOf("source"), bound.Has("last"));
        var byHeader = bound.Tag("source") != "uniqueid";
        var most = bound.Compiler.Limits.DuplicateMost;
        var keep = bound.Parameter("seconds") is { Number: var seconds } ? TimeSpan.FromSeconds(Math.Min(seconds, most.TotalSeconds)) : most;
        return run =>
        {
            var given = source?.Of(run);
            var id = byHeader ? run.Message.Named(given ?? "Message-ID").FirstOrDefault()?.Value : given;
            // RFC 7352 §3: what has no id was never seen.
            return !string.IsNullOrEmpty(id) && run.Host.IsDuplicate(handle?.Of(run) ?? "", id, keep, last);
        };
    }

    private static Condition IHave(BoundCommand bound)
    {
        // RFC 5463 §4: what is there counts as required from here on; what is not may be used behind it, as long as it is never run.
        var all = true;
        // What changes how a script is read cannot be asked for in its middle.
        foreach (var name in bound.Positional(0).Texts) all &= name is not ("variables" or "encoded-character") && bound.Compiler.Require(name);
        return _ => all;
    }

    private static Condition ValidNotifyMethod(BoundCommand bound)
    {
        var uris = bound.Texts(0);
        return run => uris.All(uri => MailtoUri.TryParse(uri.Of(run), out _) is not null);
    }

    private static Condition? NotifyCapability(BoundCommand bound)
    {
        var (uri, capability, keys) = (bound.Text(0), bound.Text(1), bound.Texts(2));
        // RFC 5436 §2.3: whether who gets mail is there to read it, nobody knows.
        return MatchTags.Read(bound, keys) is { } match
            ? run => MailtoUri.TryParse(uri.Of(run), out _) is not null && capability.Of(run).Equals("online", StringComparison.OrdinalIgnoreCase) && match.Test(run, ["maybe"], keys)
            : null;
    }
}
