using System.CommandLine;
using Sternpost.Messages.Addresses;

namespace Sternpost.Commands;

/// <summary><c>sender allow|list|remove</c>: what accounts may send as beside their own addresses and aliases.</summary>
internal static class SenderCommand
{
    public static Command Create() => new("sender", "What accounts may send as beside their own addresses: for others, or by pattern.") { Allow(), List(), Remove() };

    private static Argument<EmailAddress> Account() => Inputs.Address("account", "The account that may.");

    private static Argument<string> Pattern() => new("pattern")
    {
        Description = "An address; @example.com for all of a domain; or a regular expression between slashes that matches the whole address in lower case, such as /support-.*@example\\.com/. Only addresses at this server's domains are ever meant.",
        HelpName = "PATTERN",
    };

    private static Command Allow()
    {
        var account = Account();
        var pattern = Pattern();
        var command = new Command("allow", "Lets an account send as another address: in the envelope, in From and in Sender.") { account, pattern };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var added = await installation.Grants.AddAsync(result.GetRequiredValue(account), result.GetRequiredValue(pattern), cancellation);
            await Console.Error.WriteLineAsync(added ? $"{result.GetRequiredValue(account)} may send as {result.GetRequiredValue(pattern)}." : "That was allowed already.");
        });
        return command;
    }

    private static Command List()
    {
        var json = CommonOptions.Json();
        var command = new Command("list", "Lists what was allowed.") { json };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var accounts = (await installation.Directory.AccountsAsync(null, cancellation)).ToDictionary(account => account.Id);
            var facts = (await installation.Grants.ListAsync(null, cancellation)).Where(grant => accounts.ContainsKey(grant.AccountId))
                .Select(grant => new Fact(accounts[grant.AccountId].Address.ToString(), grant.Pattern, grant.Created)).ToList();
            Facts.PrintList(facts, result.GetValue(json), "Accounts send as their own addresses and aliases only.", ("ACCOUNT", fact => fact.Account), ("PATTERN", fact => fact.Pattern), ("CREATED", fact => fact.Created.ToString("u")));
        });
        return command;
    }

    private static Command Remove()
    {
        var account = Account();
        var pattern = Pattern();
        var command = new Command("remove", "Takes back what was allowed.") { account, pattern };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var wanted = result.GetRequiredValue(account);
            var found = await installation.Directory.FindAccountAsync(wanted, cancellation) ?? throw AccountCommand.NoSuch(wanted);
            if (!await installation.Grants.RemoveAsync(found.Id, result.GetRequiredValue(pattern), cancellation)) throw new OperationFailedException($"{wanted} was not allowed that. See what was with: sternpost sender list");
            await Console.Error.WriteLineAsync($"{wanted} may no longer send as {result.GetRequiredValue(pattern)}.");
        });
        return command;
    }

    private sealed record Fact(string Account, string Pattern, DateTimeOffset Created);
}
