using System.CommandLine;
using System.Security.Cryptography;
using Sternpost.Abuse.Signs;
using Sternpost.Accounts;
using Sternpost.Mailboxes;
using Sternpost.Messages.Addresses;

namespace Sternpost.Commands;

/// <summary><c>canary add|plant|list|remove</c>: addresses that only a stolen address book has.</summary>
internal static class CanaryCommand
{
    public static Command Create() => new("canary", "Addresses nobody writes to: who does has stolen an address book, and his account is contained.") { Add(), Plant(), List(), Remove() };

    private static Argument<EmailAddress> Address() => Inputs.Address("address", "The canary's address.");

    private static Command Add()
    {
        var address = Address();
        var command = new Command("add", "Makes an address a canary. Put it into address books yourself.") { address };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var wanted = result.GetRequiredValue(address);
            if (await installation.Directory.FindAccountAsync(wanted, cancellation) is not null) throw new OperationFailedException($"{wanted} is an account; people write to it.");
            var added = await new PlantedNames(installation.Database, TimeProvider.System).AddCanaryAsync(wanted, null, cancellation);
            await Console.Error.WriteLineAsync(added ? $"{wanted} is a canary: whoever sends to it from an account here has that account contained." : $"{wanted} is a canary already.");
        });
        return command;
    }

    private static Command Plant()
    {
        var account = Inputs.Address("account", "The account in whose Sent folder it is planted.");
        var command = new Command("plant", "Makes up an address and puts a letter to it into an account's Sent folder, a year back, where thieves collect addresses.") { account };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var owner = await installation.Directory.FindAccountAsync(result.GetRequiredValue(account), cancellation) ?? throw AccountCommand.NoSuch(result.GetRequiredValue(account));
            var (first, last) = (Pick("anna", "peter", "maria", "thomas", "julia", "martin", "laura", "stefan"), Pick("berger", "keller", "novak", "rossi", "lindner", "moreau", "jansen", "kraus"));
            var canary = EmailAddress.Of($"{first}.{last}{RandomNumberGenerator.GetInt32(10, 99)}", owner.Address.Domain);
            if (await installation.Directory.ResolveAsync(canary, cancellation) is not RecipientResolution.Unknown) throw new OperationFailedException($"{canary} leads somewhere; try again.");
            var when = DateTimeOffset.UtcNow.AddDays(-RandomNumberGenerator.GetInt32(200, 500));
            var sent = (await installation.Mail.ListAsync(owner.Id, cancellation)).FirstOrDefault(mailbox => mailbox.Use == SpecialUse.Sent) ?? throw new OperationFailedException($"{owner.Address} has no Sent folder.");
            var letter = $"From: <{owner.Address}>\r\nTo: <{canary}>\r\nSubject: Thanks\r\nDate: {when.UtcDateTime:ddd, dd MMM yyyy HH:mm:ss} +0000\r\nMessage-ID: <{Guid.NewGuid():n}@{owner.Address.Domain.Ascii}>\r\n\r\nThank you, I will come back to this.\r\n";
            await installation.Mail.AppendAsync(sent.Id, [new NewEmail(default, System.Text.Encoding.ASCII.GetBytes(letter), MessageFlags.Seen, [], when)], cancellation);
            await new PlantedNames(installation.Database, TimeProvider.System).AddCanaryAsync(canary, owner.Id, cancellation);
            await Console.Error.WriteLineAsync($"{canary} is planted in the Sent folder of {owner.Address}.");
        });
        return command;
    }

    private static Command List()
    {
        var json = CommonOptions.Json();
        var command = new Command("list", "Lists the canaries.") { json };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var accounts = (await installation.Directory.AccountsAsync(null, cancellation)).ToDictionary(account => account.Id, account => account.Address.ToString());
            var facts = (await new PlantedNames(installation.Database, TimeProvider.System).CanariesAsync(cancellation))
                .Select(canary => new Fact(canary.Address.ToString(), canary.AccountId is { } id ? accounts.GetValueOrDefault(id) : null, canary.Planted)).ToList();
            Facts.PrintList(facts, result.GetValue(json), "There are no canaries. Plant one with: sternpost canary plant ACCOUNT", ("ADDRESS", fact => fact.Address), ("IN", fact => fact.Account ?? ""), ("PLANTED", fact => fact.Planted.ToString("u")));
        });
        return command;
    }

    private static Command Remove()
    {
        var address = Address();
        var command = new Command("remove", "Takes a canary back.") { address };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            if (!await new PlantedNames(installation.Database, TimeProvider.System).RemoveCanaryAsync(result.GetRequiredValue(address), cancellation)) throw new OperationFailedException($"{result.GetRequiredValue(address)} is no canary. See them with: sternpost canary list");
            await Console.Error.WriteLineAsync($"{result.GetRequiredValue(address)} is no canary any more.");
        });
        return command;
    }

    private static string Pick(params string[] names) => names[RandomNumberGenerator.GetInt32(names.Length)];

    private sealed record Fact(string Address, string? Account, DateTimeOffset Planted);
}

/// <summary><c>decoy add|list|remove</c>: names that nobody signs in as.</summary>
internal static class DecoyCommand
{
    public static Command Create() => new("decoy", "Names nobody signs in as: whoever tries is barred from signing in for a day.") { Add(), List(), Remove() };

    private static Argument<string> Name() => new("name") { Description = "A name, such as info@example.com or admin; of no account.", HelpName = "NAME" };

    private static Command Add()
    {
        var name = Name();
        var command = new Command("add", "Makes a name a decoy.") { name };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var wanted = result.GetRequiredValue(name);
            if (EmailAddress.TryParse(wanted, out var address) && await installation.Directory.FindAccountAsync(address, cancellation) is not null) throw new OperationFailedException($"{wanted} is an account; its owner signs in as it.");
            var added = await new PlantedNames(installation.Database, TimeProvider.System).AddDecoyAsync(wanted, cancellation);
            await Console.Error.WriteLineAsync(added ? $"'{wanted}' is a decoy: an address that tries to sign in as it is barred for a day." : $"'{wanted}' is a decoy already.");
        });
        return command;
    }

    private static Command List()
    {
        var json = CommonOptions.Json();
        var command = new Command("list", "Lists the decoys.") { json };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var facts = (await new PlantedNames(installation.Database, TimeProvider.System).DecoysAsync(cancellation)).Select(decoy => new Fact(decoy.Name, decoy.Created)).ToList();
            Facts.PrintList(facts, result.GetValue(json), "There are no decoys.", ("NAME", fact => fact.Name), ("CREATED", fact => fact.Created.ToString("u")));
        });
        return command;
    }

    private static Command Remove()
    {
        var name = Name();
        var command = new Command("remove", "Takes a decoy back.") { name };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            if (!await new PlantedNames(installation.Database, TimeProvider.System).RemoveDecoyAsync(result.GetRequiredValue(name), cancellation)) throw new OperationFailedException($"'{result.GetRequiredValue(name)}' is no decoy. See them with: sternpost decoy list");
            await Console.Error.WriteLineAsync($"'{result.GetRequiredValue(name)}' is no decoy any more.");
        });
        return command;
    }

    private sealed record Fact(string Name, DateTimeOffset Created);
}
