using System.CommandLine;
using Sternpost.Queue.Suppression;

namespace Sternpost.Commands;

/// <summary><c>suppression list|add|remove</c>.</summary>
internal static class SuppressionCommand
{
    private const int UsualDays = 30;

    public static Command Create() => new("suppression", "Addresses elsewhere that are not written to, because they bounced for good.") { List(), Add(), Remove() };

    private static Command List()
    {
        var json = CommonOptions.Json();
        var command = new Command("list", "Lists the addresses that are not written to now.") { json };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var facts = (await new SuppressionList(installation.Database, TimeProvider.System).ListAsync(cancellation))
                .Select(one => new Fact(one.Address.ToString(), one.Bounces, one.Reply, one.Since, one.Until, one.ByHand)).ToList();
            Facts.PrintList(facts, result.GetValue(json), "No address is suppressed.",
                ("ADDRESS", fact => fact.Address), ("BOUNCES", fact => fact.ByHand ? "by hand" : fact.Bounces.ToString()), ("UNTIL", fact => $"{fact.Until.UtcDateTime:u}"), ("LAST", fact => fact.Reply));
        });
        return command;
    }

    private static Command Add()
    {
        var address = Inputs.Address("address", "An address elsewhere.");
        var days = BenchCommand.Positive("--days", "For how long.", UsualDays);
        var reason = new Option<string>("--reason") { Description = "Why, for the list.", HelpName = "TEXT", DefaultValueFactory = _ => "by hand" };
        var command = new Command("add", "Stops users from writing to an address.") { address, days, reason };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var whom = result.GetRequiredValue(address);
            await new SuppressionList(installation.Database, TimeProvider.System).AddAsync(whom, result.GetRequiredValue(reason), TimeSpan.FromDays(result.GetValue(days)), cancellation);
            await Console.Error.WriteLineAsync($"{whom} is not written to for {result.GetValue(days)} days. Users who try are told.");
        });
        return command;
    }

    private static Command Remove()
    {
        var address = Inputs.Address("address", "The address.");
        var command = new Command("remove", "Lets users write to an address again.") { address };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var whom = result.GetRequiredValue(address);
            if (!await new SuppressionList(installation.Database, TimeProvider.System).RemoveAsync(whom, cancellation)) throw new OperationFailedException($"{whom} is not suppressed. See what is with: sternpost suppression list");
            await Console.Error.WriteLineAsync($"{whom} may be written to again.");
        });
        return command;
    }

    /// <summary>What <c>--json</c> says.</summary>
    private sealed record Fact(string Address, int Bounces, string Reply, DateTimeOffset Since, DateTimeOffset Until, bool ByHand);
}
