using System.CommandLine;
using Sternpost.Accounts;
using Sternpost.Configuration;
using Sternpost.Messages.Addresses;

namespace Sternpost.Commands;

/// <summary><c>account add|list|show|password|suspend|resume|remove|app-password|masked|expect-code|second-factor|contain|release|containment</c>.</summary>
internal static class AccountCommand
{
    public static Command Create() => new("account", "The mail accounts.")
    {
        Add(), List(), Show(), Password(),
        Status("suspend", "Nobody can sign in or send; mail is still received.", AccountStatus.Suspended),
        Status("resume", "Ends a suspension.", AccountStatus.Active),
        Remove(),
        AppPasswordCommand.Create(),
        MaskedCommand.Create(),
        ExpectCodeCommand.Create(),
        SecondFactor(),
        ContainCommand.Contain(), ContainCommand.Release(), ContainCommand.Show(),
    };

    private static Argument<EmailAddress> Address() => Inputs.Address("address", "The account's address, for example alice@example.com.");

    private static Command Add()
    {
        var address = Address();
        var name = new Option<string>("--name") { Description = "The person's name.", DefaultValueFactory = _ => "" };
        var administrator = new Option<bool>("--admin") { Description = "May administer the server." };
        var quota = new Option<long>("--quota")
        {
            Description = "Most octets of mail, such as 5GB; 0 means no limit. [default: storage.quota]",
            HelpName = "SIZE",
            CustomParser = result =>
            {
                if (ValueKinds.Size.Read(result.Tokens[0].Value, out var size) is { } reason) result.AddError(reason);
                return size;
            },
        };
        var fromInput = Inputs.PasswordFromInput();
        var command = new Command("add", "Adds an account; asks for its password.") { address, name, administrator, quota, fromInput };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var size = result.GetResult(quota) is null ? StandardQuota(result) : result.GetValue(quota);
            var account = await installation.Directory.AddAccountAsync(result.GetRequiredValue(address), Inputs.Password(result.GetValue(fromInput)),
                result.GetRequiredValue(name), result.GetValue(administrator), size, cancellation);
            await Console.Error.WriteLineAsync($"{account.Address} was added.");
        });
        return command;
    }

    // Without a configuration (the demo's folder has none) new accounts have no limit.
    private static long StandardQuota(ParseResult result) =>
        CommonOptions.ConfigurationPath(result) is var path && File.Exists(path) ? ConfigurationFile.Load(path).Storage.Quota : 0;

    private static Command List()
    {
        var domain = Inputs.DomainOption("Only accounts of this domain.");
        var json = CommonOptions.Json();
        var command = new Command("list", "Lists the accounts.") { domain, json };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var name = result.GetValue(domain);
            if (name is not null) await DomainCommand.FindAsync(installation.Directory, name, cancellation);
            var accounts = (await installation.Directory.AccountsAsync(name, cancellation)).Select(AccountFact.Of).ToList();
            Facts.PrintList(accounts, result.GetValue(json), $"There are no accounts yet. Add one with: sternpost account add alice@{name?.Ascii ?? "example.com"}",
                ("ADDRESS", fact => fact.Address), ("STATUS", fact => fact.Status), ("ADMIN", fact => fact.Administrator ? "yes" : ""),
                ("USED", fact => fact.UsedBytes.ToString()), ("QUOTA", fact => fact.QuotaBytes == 0 ? "none" : fact.QuotaBytes.ToString()), ("NAME", fact => fact.Name));
        });
        return command;
    }

    private static Command Show()
    {
        var address = Address();
        var json = CommonOptions.Json();
        var command = new Command("show", "Shows one account.") { address, json };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var wanted = result.GetRequiredValue(address);
            var fact = AccountFact.Of(await installation.Directory.FindAccountAsync(wanted, cancellation) ?? throw NoSuch(wanted));
            Facts.PrintOne(fact, result.GetValue(json),
                ("Address", fact.Address), ("Name", fact.Name), ("Status", fact.Status), ("Administrator", fact.Administrator ? "yes" : "no"),
                ("Used bytes", fact.UsedBytes.ToString()), ("Quota bytes", fact.QuotaBytes == 0 ? "none" : fact.QuotaBytes.ToString()), ("Created", fact.Created.ToString("u")));
        });
        return command;
    }

    private static Command Password()
    {
        var address = Address();
        var fromInput = Inputs.PasswordFromInput();
        var command = new Command("password", "Replaces an account's password and ends the sessions that used the old one; asks for the new one.") { address, fromInput };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var wanted = result.GetRequiredValue(address);
            if (await installation.Directory.FindAccountAsync(wanted, cancellation) is null) throw NoSuch(wanted);
            await installation.Directory.SetPasswordAsync(wanted, Inputs.Password(result.GetValue(fromInput)), cancellation);
            await Console.Error.WriteLineAsync($"The password of {wanted} was replaced.");
        });
        return command;
    }

    private static Command Status(string verb, string description, AccountStatus status)
    {
        var address = Address();
        var command = new Command(verb, description) { address };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var wanted = result.GetRequiredValue(address);
            if (await installation.Directory.FindAccountAsync(wanted, cancellation) is null) throw NoSuch(wanted);
            await installation.Directory.SetStatusAsync(wanted, status, cancellation);
            await Console.Error.WriteLineAsync($"{wanted} is {(status == AccountStatus.Active ? "in use again" : "suspended: it receives mail, but nobody can sign in or send")}.");
        });
        return command;
    }

    private static Command Remove()
    {
        var address = Address();
        var yes = new Option<bool>("--yes") { Description = "Do not ask." };
        var command = new Command("remove", "Removes an account and all its mail.") { address, yes };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var wanted = result.GetRequiredValue(address);
            var account = await installation.Directory.FindAccountAsync(wanted, cancellation) ?? throw NoSuch(wanted);
            if (!result.GetValue(yes))
            {
                if (Console.IsInputRedirected) throw new OperationFailedException($"This would remove {wanted} with {account.UsedBytes} bytes of mail. Say so with --yes.");
                await Console.Error.WriteAsync($"Remove {wanted} with {account.UsedBytes} bytes of mail for good? Type the address to confirm: ");
                if (!EmailAddress.TryParse(await Console.In.ReadLineAsync(cancellation), out var typed) || typed != wanted) throw new OperationFailedException("Nothing was removed.");
            }
            await installation.Directory.RemoveAccountAsync(wanted, cancellation);
            await Console.Error.WriteLineAsync($"{wanted} and its mail were removed.");
        });
        return command;
    }

    private static Command SecondFactor()
    {
        var address = Address();
        var reset = new Command("reset", "Takes codes by time, passkeys and recovery codes away, for an owner who has lost them. The password alone signs in again, and mail programs may use it.") { address };
        reset.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var wanted = result.GetRequiredValue(address);
            if (!await installation.SecondFactors.ResetAsync(wanted, cancellation)) throw new OperationFailedException($"{wanted} has no second factor.");
            await Console.Error.WriteLineAsync($"{wanted} signs in with the password alone until its owner turns a second factor on again.");
        });
        return new Command("second-factor", "What accounts are asked for beside their passwords; their owners turn it on in the webmail's settings.") { reset };
    }

    internal static OperationFailedException NoSuch(EmailAddress address) => new($"There is no account {address}. See them with: sternpost account list");

    private sealed record AccountFact(string Address, string Name, string Status, bool Administrator, long UsedBytes, long QuotaBytes, DateTimeOffset Created)
    {
        public static AccountFact Of(Account account) => new(account.Address.ToString(), account.DisplayName, account.Status.ToString().ToLowerInvariant(),
            account.IsAdministrator, account.UsedBytes, account.QuotaBytes, account.Created);
    }
}
