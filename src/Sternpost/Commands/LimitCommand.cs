using System.CommandLine;
using System.Globalization;
using System.Net;
using Sternpost.Abuse.Limits;
using Sternpost.Composition;
using Sternpost.Configuration;
using Sternpost.Dns;
using Sternpost.Messages.Addresses;

namespace Sternpost.Commands;

/// <summary><c>limit list|show|set|clear</c>: what may be sent, and what differs for single domains and accounts. Holds from the next message on.</summary>
internal static class LimitCommand
{
    public static Command Create() => new("limit", "What accounts, domains and others may send, and how much of it is used.") { List(), Show(), Set(), Clear() };

    private static Argument<string> Subject() => new("subject")
    {
        Description = "An account's address; example.com for a domain as a whole; @example.com for each of its accounts; source:192.0.2.1; app-password:ID; server.",
        HelpName = "SUBJECT",
    };

    private static Argument<LimitName?> Limit(ArgumentArity arity) => new("limit")
    {
        Description = $"One of {string.Join(", ", LimitName.All)}.",
        HelpName = "LIMIT",
        Arity = arity,
        CustomParser = result =>
        {
            if (LimitName.TryParse(result.Tokens[0].Value, out var name)) return name;
            result.AddError($"'{result.Tokens[0].Value}' is no limit. There are: {string.Join(", ", LimitName.All)}.");
            return null;
        },
    };

    private static Command List()
    {
        var json = CommonOptions.Json();
        var command = new Command("list", "Lists everything that was set otherwise than the configuration has it.") { json };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var all = (await new LimitOverrides(installation.Database).ListAsync(cancellation)).Select(OverrideFact.Of).ToList();
            Facts.PrintList(all, result.GetValue(json), "Nothing differs from the configuration.", ("SUBJECT", fact => fact.Subject), ("LIMIT", fact => fact.Limit), ("SOFT", fact => Figure(fact.Soft)), ("HARD", fact => Figure(fact.Hard)));
        });
        return command;
    }

    private static Command Show()
    {
        var subject = Subject();
        var json = CommonOptions.Json();
        var command = new Command("show", "Shows the limits of an account or another layer, with what is used of them.") { subject, json };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var named = result.GetRequiredValue(subject);
            var limits = new SendingLimits(installation.Database, Settings.Sending(Configuration(result)), TimeProvider.System);
            var layers = await LayersAsync(installation, named, cancellation);
            var states = (await limits.StatesAsync(layers, cancellation)).Select(StateFact.Make).ToList();
            Facts.PrintList(states, result.GetValue(json), "Nothing is limited.",
                ("OF", fact => fact.Of), ("LIMIT", fact => fact.Limit), ("USED", fact => fact.Used?.ToString(CultureInfo.InvariantCulture) ?? ""), ("SOFT", fact => Figure(fact.Soft)), ("HARD", fact => Figure(fact.Hard)), ("FROM", fact => fact.From));
        });
        return command;
    }

    private static Command Set()
    {
        var subject = Subject();
        var limit = Limit(ArgumentArity.ExactlyOne);
        var hard = Bound("--hard", "Beyond so many mail is refused; 0 for no limit. Left out, the inherited figure stays.");
        var soft = Bound("--soft", "Beyond so many mail is accepted and held; 0 for no limit. Left out, the inherited figure stays.");
        var command = new Command("set", "Sets a limit otherwise than the configuration has it.") { subject, limit, hard, soft };
        command.Validators.Add(result =>
        {
            if (result.GetResult(hard) is null && result.GetResult(soft) is null) result.AddError("Say the figure with --hard, --soft or both.");
            else if (result.GetValue(soft) > 0 && result.GetResult(limit) is { Tokens.Count: 1 } given && LimitName.TryParse(given.Tokens[0].Value, out var name) && !name.Value.MayBeSoft)
                result.AddError("Mail within this server is not held, so its limit can only be hard.");
        });
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var scope = await ScopeAsync(installation, result.GetRequiredValue(subject), cancellation);
            var name = result.GetRequiredValue(limit)!.Value;
            await new LimitOverrides(installation.Database).SetAsync(new LimitOverride(scope, name, result.GetValue(soft), result.GetValue(hard)), cancellation);
            await Console.Error.WriteLineAsync($"{name} of {result.GetRequiredValue(subject)} is set and holds from the next message on.");
        });
        return command;
    }

    private static Command Clear()
    {
        var subject = Subject();
        var limit = Limit(ArgumentArity.ZeroOrOne);
        var command = new Command("clear", "Takes back what was set; the configuration holds again.") { subject, limit };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var scope = await ScopeAsync(installation, result.GetRequiredValue(subject), cancellation);
            var cleared = await new LimitOverrides(installation.Database).ClearAsync(scope, result.GetValue(limit), cancellation);
            if (cleared == 0) throw new OperationFailedException($"Nothing of the kind was set for {result.GetRequiredValue(subject)}. See what is with: sternpost limit list");
            await Console.Error.WriteLineAsync($"{cleared} {(cleared == 1 ? "limit is" : "limits are")} as the configuration has {(cleared == 1 ? "it" : "them")} again.");
        });
        return command;
    }

    private static Option<long?> Bound(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = result =>
        {
            if (long.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= 1_000_000_000) return number;
            result.AddError($"'{result.Tokens[0].Value}' is not a number from 0 to 1000000000.");
            return null;
        },
    };

    // Without a configuration (the demo's folder has none) the standards hold.
    private static ServerConfiguration Configuration(ParseResult result) =>
        CommonOptions.ConfigurationPath(result) is var path && File.Exists(path) ? ConfigurationFile.Load(path) : ConfigurationFile.Defaults();

    private static async ValueTask<string> ScopeAsync(Installation installation, string subject, CancellationToken cancellation)
    {
        if (subject.StartsWith('@') && DomainName.TryParse(subject[1..], out var domain))
        {
            await DomainCommand.FindAsync(installation.Directory, domain, cancellation);
            return SendingLayer.OfEachAccount(domain);
        }
        return (await LayersAsync(installation, subject, cancellation))[0].Scope;
    }

    /// <summary>The layer a subject means, and for an account those above it.</summary>
    private static async ValueTask<IReadOnlyList<SendingLayer>> LayersAsync(Installation installation, string subject, CancellationToken cancellation)
    {
        if (subject == SendingLayer.Server.Scope) return [SendingLayer.Server];
        if (subject.StartsWith("source:", StringComparison.Ordinal) && IPAddress.TryParse(subject["source:".Length..].Split('/')[0], out var address)) return [SendingLayer.Of(address)];
        if (subject.StartsWith("app-password:", StringComparison.Ordinal)) return [await AppPasswordAsync(installation, subject, cancellation)];
        if (subject.StartsWith("site:", StringComparison.Ordinal)) return [new SendingLayer("site", subject, subject)];
        if (EmailAddress.TryParse(subject, out var mailbox))
        {
            var account = await installation.Directory.FindAccountAsync(mailbox, cancellation) ?? throw new OperationFailedException($"There is no account {mailbox}. See them with: sternpost account list");
            return [SendingLayer.Of(account), SendingLayer.Of(account.Address.Domain), SendingLayer.Server];
        }
        if (DomainName.TryParse(subject.TrimStart('@'), out var domain))
        {
            await DomainCommand.FindAsync(installation.Directory, domain, cancellation);
            return [SendingLayer.Of(domain)];
        }
        throw new OperationFailedException($"'{subject}' is none of: an account's address, a domain, @ and a domain for each of its accounts, source:ADDRESS, app-password:ID, site:NAME, server.");
    }

    private static async ValueTask<SendingLayer> AppPasswordAsync(Installation installation, string subject, CancellationToken cancellation)
    {
        foreach (var account in await installation.Directory.AccountsAsync(null, cancellation))
        {
            foreach (var password in await installation.AppPasswords.ListAsync(account.Id, cancellation))
            {
                if (SendingLayer.Of(password, account) is { } layer && layer.Scope == subject) return layer;
            }
        }
        throw new OperationFailedException($"There is no app password {subject["app-password:".Length..]}. See an account's with: sternpost account app-password list ADDRESS");
    }

    private static string Figure(long? bound) => bound switch { null => "", 0 => "none", { } figure => figure.ToString(CultureInfo.InvariantCulture) };

    private sealed record OverrideFact(string Subject, string Limit, long? Soft, long? Hard)
    {
        internal static OverrideFact Of(LimitOverride set) => new(set.Subject, set.Name.ToString(), set.Soft, set.Hard);
    }

    private sealed record StateFact(string Layer, string Of, string Limit, long? Used, long Soft, long Hard, string From)
    {
        internal static StateFact Make(LimitState state) => new(state.Layer.Kind, state.Layer.Name, state.Name.ToString(), state.Name.Span == Span.Message ? null : state.Used, state.Bounds.Soft, state.Bounds.Hard, state.From);
    }
}
