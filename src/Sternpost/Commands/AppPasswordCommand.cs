using System.CommandLine;
using System.Globalization;
using Sternpost.Accounts;
using Sternpost.Accounts.AppPasswords;
using Sternpost.Messages.Addresses;

namespace Sternpost.Commands;

/// <summary><c>account app-password add|list|remove</c>.</summary>
internal static class AppPasswordCommand
{
    public static Command Create() => new("app-password", "Passwords for one program each, which can be ended without the others.") { Add(), List(), Remove() };

    private static Argument<EmailAddress> Address() => Inputs.Address("address", "The account's address.");

    private static Command Add()
    {
        var address = Address();
        var name = new Argument<string>("name") { Description = "The program or device, such as phone.", HelpName = "NAME" };
        var json = CommonOptions.Json();
        var command = new Command("add", "Makes one and shows it, this once. Programs give it with the account's address; those that insist on SCRAM need the account's own password.") { address, name, json };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var (made, secret) = await installation.AppPasswords.AddAsync(result.GetRequiredValue(address), result.GetRequiredValue(name), cancellation);
            var fact = new MadeFact(Id(made), made.Name, made.Created, made.Used, made.UsedFrom, secret);
            if (result.GetValue(json)) Console.Out.WriteLine(Facts.Json(fact));
            else Console.Out.WriteLine(secret);
            await Console.Error.WriteLineAsync($"This is the password '{made.Name}' of {result.GetRequiredValue(address)}. It is not kept and cannot be shown again.");
        });
        return command;
    }

    private static Command List()
    {
        var address = Address();
        var json = CommonOptions.Json();
        var command = new Command("list", "Lists an account's app passwords; not their secrets.") { address, json };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var account = await AccountAsync(installation, result.GetRequiredValue(address), cancellation);
            var facts = (await installation.AppPasswords.ListAsync(account.Id, cancellation)).Select(known => new Fact(Id(known), known.Name, known.Created, known.Used, known.UsedFrom)).ToList();
            Facts.PrintList(facts, result.GetValue(json), $"{account.Address} has no app passwords.",
                ("ID", fact => fact.Id), ("NAME", fact => fact.Name), ("CREATED", fact => fact.Created.ToString("u")), ("USED", fact => fact.Used?.ToString("u") ?? "never"), ("FROM", fact => fact.UsedFrom ?? ""));
        });
        return command;
    }

    private static Command Remove()
    {
        var address = Address();
        var name = new Argument<string>("name") { Description = "Its name or id.", HelpName = "NAME" };
        var command = new Command("remove", "Ends one, and the sessions that signed in with it.") { address, name };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var account = await AccountAsync(installation, result.GetRequiredValue(address), cancellation);
            if (!await installation.AppPasswords.RemoveAsync(account.Id, result.GetRequiredValue(name), cancellation))
                throw new OperationFailedException($"{account.Address} has no app password '{result.GetRequiredValue(name)}'. See them with: sternpost account app-password list {account.Address}");
            await Console.Error.WriteLineAsync($"The app password '{result.GetRequiredValue(name)}' of {account.Address} is no longer good, and its sessions end.");
        });
        return command;
    }

    private static async ValueTask<Account> AccountAsync(Installation installation, EmailAddress address, CancellationToken cancellation) =>
        await installation.Directory.FindAccountAsync(address, cancellation) ?? throw AccountCommand.NoSuch(address);

    // As text: numbers of this size lose digits in some readers of JSON.
    private static string Id(AppPassword password) => password.Id.ToString(CultureInfo.InvariantCulture);

    private sealed record Fact(string Id, string Name, DateTimeOffset Created, DateTimeOffset? Used, string? UsedFrom);

    private sealed record MadeFact(string Id, string Name, DateTimeOffset Created, DateTimeOffset? Used, string? UsedFrom, string Secret);
}
