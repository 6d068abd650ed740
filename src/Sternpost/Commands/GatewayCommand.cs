using System.CommandLine;
using Sternpost.Composition;
using Sternpost.Filter.Classifier;
using Sternpost.Filter.Lessons;
using Sternpost.Queue.Gateway;

namespace Sternpost.Commands;

/// <summary><c>gateway lessons|forget</c>: what users of mailboxes behind the gateway have taught.</summary>
internal static class GatewayCommand
{
    public static Command Create() => new("gateway", "Mailboxes on other servers that the filter learns from.") { Lessons(), Forget() };

    private static Command Lessons()
    {
        var json = CommonOptions.Json();
        var command = new Command("lessons", "Lists the mailboxes behind, when their Junk folder was last read, and how many lessons their users taught.") { json };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var lessons = Open(result, installation);
            var facts = new List<Fact>();
            foreach (var mailbox in await new WatchedMailboxes(installation.Database, TimeProvider.System).ListAsync(cancellation))
                facts.Add(new Fact(mailbox.Address, mailbox.Looked, await lessons.CountAsync(-mailbox.Id, cancellation), mailbox.Problem));
            Facts.PrintList(facts, result.GetValue(json), "No mailbox behind this server is learned from. See docs/operations/gateway.md.",
                ("MAILBOX", fact => fact.Mailbox), ("READ", fact => fact.Read is { } read ? $"{read.UtcDateTime:u}" : "never"), ("LESSONS", fact => fact.Lessons.ToString()), ("PROBLEM", fact => fact.Problem));
        });
        return command;
    }

    private static Command Forget()
    {
        var address = Inputs.Address("address", "The mailbox.");
        var command = new Command("forget", "Undoes everything that the user of a mailbox behind has taught.") { address };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var whom = result.GetRequiredValue(address);
            var mailbox = (await new WatchedMailboxes(installation.Database, TimeProvider.System).ListAsync(cancellation)).Find(one => one.Address == whom.Key)
                ?? throw new OperationFailedException($"Nothing was learned from {whom}. See the mailboxes with: sternpost gateway lessons");
            var undone = await Open(result, installation).ForgetAllAsync(-mailbox.Id, cancellation);
            await Console.Error.WriteLineAsync($"Forgot {undone} lessons of {whom}; a running server follows within seconds.");
        });
        return command;
    }

    private static AccountLessons Open(ParseResult result, Installation installation)
    {
        var configuration = FilterComposition.ConfigurationOf(result);
        return new AccountLessons(installation.Database, FilterComposition.Options(configuration), new StatisticalClassifier(FilterComposition.Model(configuration.Filter.Model)), TimeProvider.System);
    }

    /// <summary>What <c>--json</c> says.</summary>
    private sealed record Fact(string Mailbox, DateTimeOffset? Read, long Lessons, string Problem);
}
