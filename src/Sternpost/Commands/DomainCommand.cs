using System.CommandLine;
using Sternpost.Accounts;
using Sternpost.Dns;
using Sternpost.Queue.Signing;

namespace Sternpost.Commands;

/// <summary><c>domain add|list|show|remove</c>.</summary>
internal static class DomainCommand
{
    public static Command Create() => new("domain", "The domains this server receives mail for.") { Add(), List(), Show(), Remove() };

    private static Command Add()
    {
        var domain = Inputs.Domain();
        var command = new Command("add", "Receives mail for a domain from now on.") { domain };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var name = result.GetRequiredValue(domain);
            if (!await installation.Directory.AddDomainAsync(name, cancellation)) throw new OperationFailedException($"{name} is already one of this server's domains.");
            await new DkimKeys(installation.Database, TimeProvider.System).EnsureAsync(name, cancellation);
            await Console.Error.WriteLineAsync($"{name} was added. The DNS records it needs: sternpost dns show {name}");
        });
        return command;
    }

    private static Command List()
    {
        var json = CommonOptions.Json();
        var command = new Command("list", "Lists the domains.") { json };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var domains = (await installation.Directory.DomainsAsync(cancellation)).Select(domain => new { Domain = domain.Name.Ascii, domain.Created }).ToList();
            Facts.PrintList(domains, result.GetValue(json), "There are no domains yet. Add one with: sternpost domain add example.com",
                ("DOMAIN", fact => fact.Domain), ("CREATED", fact => fact.Created.ToString("yyyy-MM-dd")));
        });
        return command;
    }

    private static Command Show()
    {
        var domain = Inputs.Domain();
        var json = CommonOptions.Json();
        var command = new Command("show", "Shows one domain.") { domain, json };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var found = await FindAsync(installation.Directory, result.GetRequiredValue(domain), cancellation);
            var accounts = await installation.Directory.AccountsAsync(found.Name, cancellation);
            var aliases = await installation.Directory.AliasesAsync(found.Name, cancellation);
            var fact = new { Domain = found.Name.Ascii, found.Created, Accounts = accounts.Count, Aliases = aliases.Count, UsedBytes = accounts.Sum(account => account.UsedBytes) };
            Facts.PrintOne(fact, result.GetValue(json),
                ("Domain", fact.Domain), ("Created", fact.Created.ToString("u")), ("Accounts", fact.Accounts.ToString()), ("Aliases", fact.Aliases.ToString()), ("Used bytes", fact.UsedBytes.ToString()));
        });
        return command;
    }

    private static Command Remove()
    {
        var domain = Inputs.Domain();
        var command = new Command("remove", "Stops receiving mail for a domain. Its accounts must be removed first.") { domain };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var name = result.GetRequiredValue(domain);
            if (!await installation.Directory.RemoveDomainAsync(name, cancellation)) throw NotOurs(name);
            await new DkimKeys(installation.Database, TimeProvider.System).RemoveAsync(name, cancellation);
            await Console.Error.WriteLineAsync($"{name} was removed.");
        });
        return command;
    }

    internal static async Task<LocalDomain> FindAsync(AccountDirectory directory, DomainName name, CancellationToken cancellation) =>
        (await directory.DomainsAsync(cancellation)).FirstOrDefault(domain => domain.Name == name) ?? throw NotOurs(name);

    private static OperationFailedException NotOurs(DomainName name) => new($"{name} is not one of this server's domains. See them with: sternpost domain list");
}
