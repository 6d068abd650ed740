using System.CommandLine;
using Sternpost.Accounts;
using Sternpost.Accounts.Masked;
using Sternpost.Messages.Addresses;

namespace Sternpost.Commands;

/// <summary><c>account masked add|list|disable|enable</c>.</summary>
internal static class MaskedCommand
{
    public static Command Create() => new("masked", "Addresses of an account that are given to one shop each, so that it is seen who passes them on.")
    {
        Add(), List(),
        Switch("disable", "Refuses mail to one from now on.", enabled: false),
        Switch("enable", "Takes mail to one again.", enabled: true),
    };

    private static Argument<EmailAddress> Account() => Inputs.Address("account", "The account's address.");

    private static Command Add()
    {
        var account = Account();
        var shop = new Argument<string>("shop") { Description = "Whom the address is for, such as \"Book shop\".", HelpName = "SHOP" };
        var note = new Option<string>("--note") { Description = "What to remember of it.", DefaultValueFactory = _ => "" };
        var json = CommonOptions.Json();
        var command = new Command("add", "Makes one and prints it.") { account, shop, note, json };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var owner = await OwnerAsync(installation, result.GetRequiredValue(account), cancellation);
            var made = await installation.Masked.AddAsync(owner, result.GetRequiredValue(shop), result.GetValue(note) ?? "", cancellation);
            if (result.GetValue(json)) Console.Out.WriteLine(Facts.Json(FactOf(made)));
            else Console.Out.WriteLine(made.Address);
            await Console.Error.WriteLineAsync($"Give this address to {made.Shop} and to nobody else.");
        });
        return command;
    }

    private static Command List()
    {
        var account = Account();
        var json = CommonOptions.Json();
        var command = new Command("list", "Lists an account's masked addresses, and whom they leaked to.") { account, json };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var owner = await OwnerAsync(installation, result.GetRequiredValue(account), cancellation);
            var facts = (await installation.Masked.OfAsync(owner.Id, cancellation)).Select(FactOf).ToList();
            Facts.PrintList(facts, result.GetValue(json), $"{owner.Address} has no masked addresses.",
                ("ADDRESS", fact => fact.Address), ("SHOP", fact => fact.Shop), ("STATE", fact => fact.Enabled ? "on" : "off"), ("MESSAGES", fact => fact.Messages.ToString()),
                ("LAST", fact => fact.LastAt is { } last ? $"{last:u} {fact.LastSender}" : "never"), ("LEAKED TO", fact => string.Join(", ", fact.Strangers)));
        });
        return command;
    }

    private static Command Switch(string verb, string description, bool enabled)
    {
        var account = Account();
        var address = Inputs.Address("masked", "The masked address.");
        var command = new Command(verb, description) { account, address };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var owner = await OwnerAsync(installation, result.GetRequiredValue(account), cancellation);
            var masked = result.GetRequiredValue(address);
            if (!await installation.Masked.SwitchAsync(owner.Id, masked, enabled, cancellation))
                throw new OperationFailedException($"{owner.Address} has no masked address {masked}. See them with: sternpost account masked list {owner.Address}");
            await Console.Error.WriteLineAsync(enabled ? $"Mail to {masked} is taken again." : $"Mail to {masked} is refused from now on.");
        });
        return command;
    }

    private static async ValueTask<Account> OwnerAsync(Installation installation, EmailAddress address, CancellationToken cancellation) =>
        await installation.Directory.FindAccountAsync(address, cancellation) ?? throw AccountCommand.NoSuch(address);

    private static Fact FactOf(MaskedAddress masked) => new(masked.Address.ToString(), masked.Shop, masked.Note, masked.IsEnabled, masked.Created, masked.Messages, masked.LastSender, masked.LastAt,
        Of(masked, MaskedSenderKind.Shop), Of(masked, MaskedSenderKind.Accepted), Of(masked, MaskedSenderKind.Stranger));

    private static List<string> Of(MaskedAddress masked, MaskedSenderKind kind) => [.. masked.Senders.Where(sender => sender.Kind == kind).Select(sender => sender.Sender)];

    private sealed record Fact(
        string Address, string Shop, string Note, bool Enabled, DateTimeOffset Created, long Messages, string LastSender, DateTimeOffset? LastAt, List<string> ShopSenders, List<string> AcceptedSenders, List<string> Strangers);
}
