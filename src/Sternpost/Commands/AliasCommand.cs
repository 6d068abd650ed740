using System.CommandLine;
using Sternpost.Messages.Addresses;

namespace Sternpost.Commands;

/// <summary><c>alias add|list|remove</c>.</summary>
internal static class AliasCommand
{
    public static Command Create() => new("alias", "Other addresses of accounts, lists of several targets, and catch-alls.") { Add(), List(), Remove() };

    private static Argument<string> Pattern() => new("alias") { Description = "An address, or @example.com for everything else at the domain.", HelpName = "ALIAS" };

    private static Command Add()
    {
        var pattern = Pattern();
        var target = Inputs.Address("target", "Where its mail goes; an account here or an address elsewhere.");
        var command = new Command("add", "Adds a target to an alias, making the alias where it is new.") { pattern, target };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            await installation.Directory.AddAliasAsync(result.GetRequiredValue(pattern), result.GetRequiredValue(target), cancellation);
            await Console.Error.WriteLineAsync($"Mail for {result.GetRequiredValue(pattern)} goes to {result.GetRequiredValue(target)}.");
        });
        return command;
    }

    private static Command List()
    {
        var domain = Inputs.DomainOption("Only aliases of this domain.");
        var json = CommonOptions.Json();
        var command = new Command("list", "Lists the aliases.") { domain, json };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var name = result.GetValue(domain);
            if (name is not null) await DomainCommand.FindAsync(installation.Directory, name, cancellation);
            var aliases = (await installation.Directory.AliasesAsync(name, cancellation)).Select(alias => new { Alias = alias.Pattern, Target = alias.Target.ToString() }).ToList();
            Facts.PrintList(aliases, result.GetValue(json), "There are no aliases.", ("ALIAS", fact => fact.Alias), ("TARGET", fact => fact.Target));
        });
        return command;
    }

    private static Command Remove()
    {
        var pattern = Pattern();
        var target = new Argument<EmailAddress?>("target") { Description = "Only this target; all where left out.", HelpName = "TARGET", Arity = ArgumentArity.ZeroOrOne, CustomParser = Inputs.ParseAddress };
        var command = new Command("remove", "Removes an alias or one target of it.") { pattern, target };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var name = result.GetRequiredValue(pattern);
            var only = result.GetValue(target);
            var what = only is null ? $"alias {name}" : $"alias {name} with the target {only}";
            if (!await installation.Directory.RemoveAliasAsync(name, only, cancellation)) throw new OperationFailedException($"There is no {what}. See them with: sternpost alias list");
            await Console.Error.WriteLineAsync($"The {what} was removed.");
        });
        return command;
    }
}
