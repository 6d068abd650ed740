using System.CommandLine;
using System.Security.Cryptography;
using Sternpost.Abuse.Sites;
using Sternpost.Accounts;
using Sternpost.Accounts.Sites;
using Sternpost.Messages.Addresses;
using Sternpost.Queue;

namespace Sternpost.Commands;

/// <summary><c>site add|list|show|set|password|allow|block|unblock|remove</c>.</summary>
internal static class SiteCommand
{
    private const int PasswordLength = 24;
    private const string PasswordLetters = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

    public static Command Create() => new("site", "Web sites and other programs that send: each may write as its own addresses only, within limits of its own, and can be stopped at once.")
    {
        Add(), List(), Show(), Set(), Password(), Allow(), Block(), Unblock(), Remove(),
    };

    private static Argument<EmailAddress> Address() => Inputs.Address("address", "The site's address, for example shop@example.com: its name, what it signs in with, and what it sends as unless it says otherwise.");

    private static Option<string?> Script() => new("--script") { Description = "Only this script, as 'site show' names it.", HelpName = "PATH" };

    private static Command Add()
    {
        var (address, details, fromInput, json) = (Address(), new SiteOptions(), Inputs.PasswordFromInput(), CommonOptions.Json());
        var command = new Command("add", "Adds a site and prints its password once. Programs of this computer need none: they are known by --user and --folder.") { address, fromInput, json };
        details.AddTo(command);
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var name = result.GetRequiredValue(address);
            var made = result.GetValue(fromInput) ? null : RandomNumberGenerator.GetString(PasswordLetters, PasswordLength);
            var site = await Book(installation).AddAsync(name, made ?? Inputs.Password(fromInput: true),
                id => details.Over(result, new Site(id, name, "", "", null, NewScripts.Limit, 0, Site.StandardPerHour, Site.StandardPerDay, [])), cancellation);
            var fact = new { Address = site.Address.ToString(), Password = made };
            Facts.PrintOne(fact, result.GetValue(json), ("Site", fact.Address), ("Password", made is null ? "as given" : made + " (shown this once)"),
                ("Next", site.IsLocal ? "its programs hand mail to 'sternpost sendmail' (docs/operations/web-applications.md)" : "give name and password to the site's host: /etc/sternpost/sendmail.conf, or any program that sends by submission"));
        });
        return command;
    }

    private static Command List()
    {
        var json = CommonOptions.Json();
        var command = new Command("list", "Lists the sites.") { json };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var facts = new List<SiteFact>();
            foreach (var site in await Book(installation).ListAsync(cancellation)) facts.Add(await FactAsync(installation, site, cancellation));
            Facts.PrintList(facts, result.GetValue(json), "There are no sites yet. Add one with: sternpost site add shop@example.com --user www-data --folder /var/www/shop",
                ("SITE", fact => fact.Address), ("STATUS", fact => fact.Status), ("USER", fact => fact.User), ("FOLDER", fact => fact.Folder),
                ("HOUR", fact => $"{fact.SentInHour}/{Limit(fact.PerHour)}"), ("DAY", fact => $"{fact.SentInDay}/{Limit(fact.PerDay)}"), ("SCRIPTS", fact => fact.Scripts.Count.ToString()));
        });
        return command;
    }

    private static Command Show()
    {
        var (address, json) = (Address(), CommonOptions.Json());
        var command = new Command("show", "Shows a site and the scripts its mail came from.") { address, json };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var fact = await FactAsync(installation, await FindAsync(installation, result.GetRequiredValue(address), cancellation), cancellation);
            Facts.PrintOne(fact, result.GetValue(json),
                ("Site", fact.Address), ("Status", fact.Status), ("User", fact.User.Length > 0 ? fact.User : "none of this computer"), ("Folder", fact.Folder.Length > 0 ? fact.Folder : "any"),
                ("Sends as", string.Join(", ", fact.Addresses.Prepend(fact.Address))), ("Answers go to", fact.RepliesTo ?? "the administrators"),
                ("New scripts", fact.NewScripts.ToString().ToLowerInvariant()), ("Blind copies", fact.BlindCopies.ToString()),
                ("This hour", $"{fact.SentInHour} of {Limit(fact.PerHour)} outside recipients"), ("Today", $"{fact.SentInDay} of {Limit(fact.PerDay)}"));
            if (result.GetValue(json)) return;
            Console.Out.WriteLine();
            Facts.PrintList(fact.Scripts, false, "No mail came from it yet.", ("SCRIPT", script => script.Script.Length > 0 ? script.Script : "(not known)"), ("STATE", script => script.State.ToString().ToLowerInvariant()),
                ("FIRST SEEN", script => script.FirstSeen.ToString("u")), ("LAST SEEN", script => script.LastSeen.ToString("u")), ("MESSAGES", script => script.Messages.ToString()), ("WAITING", script => script.Waiting.ToString()));
        });
        return command;
    }

    private static Command Set()
    {
        var (address, details) = (Address(), new SiteOptions());
        var command = new Command("set", "Changes what is given, and leaves the rest.") { address };
        details.AddTo(command);
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var site = await FindAsync(installation, result.GetRequiredValue(address), cancellation);
            await Book(installation).ChangeAsync(details.Over(result, site), cancellation);
            await Console.Error.WriteLineAsync($"{site.Address} was changed.");
        });
        return command;
    }

    private static Command Password()
    {
        var (address, fromInput, json) = (Address(), Inputs.PasswordFromInput(), CommonOptions.Json());
        var command = new Command("password", "Replaces a site's password and prints the new one once.") { address, fromInput, json };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var site = await FindAsync(installation, result.GetRequiredValue(address), cancellation);
            var made = result.GetValue(fromInput) ? null : RandomNumberGenerator.GetString(PasswordLetters, PasswordLength);
            await installation.Directory.SetPasswordAsync(site.Address, made ?? Inputs.Password(fromInput: true), cancellation);
            var fact = new { Address = site.Address.ToString(), Password = made };
            Facts.PrintOne(fact, result.GetValue(json), ("Site", fact.Address), ("Password", made is null ? "as given" : made + " (shown this once)"));
        });
        return command;
    }

    private static Command Allow()
    {
        var (address, script) = (Address(), new Option<string>("--script") { Description = "The script, as 'site show' names it.", HelpName = "PATH", Required = true });
        var command = new Command("allow", "Says that a new script is right; what waited for that goes out.") { address, script };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var site = await FindAsync(installation, result.GetRequiredValue(address), cancellation);
            var waiting = await SetAsync(installation, site, result.GetRequiredValue(script), ScriptState.Allowed, cancellation);
            var queue = new QueueInspection(installation.Database, TimeProvider.System);
            foreach (var id in waiting) await queue.ReleaseAsync(new QueueSelection(MessageId: id), cancellation);
            await Console.Error.WriteLineAsync(waiting.Count == 0 ? "The script is allowed." : $"The script is allowed, and {waiting.Count} {(waiting.Count == 1 ? "message goes" : "messages go")} out.");
        });
        return command;
    }

    private static Command Block()
    {
        var (address, script) = (Address(), Script());
        var command = new Command("block", "Stops a site at once: it cannot send, and what it has in the queue is held. With --script only that script.") { address, script };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var site = await FindAsync(installation, result.GetRequiredValue(address), cancellation);
            if (result.GetValue(script) is { } one)
            {
                await SetAsync(installation, site, one, ScriptState.Blocked, cancellation);
                await Console.Error.WriteLineAsync($"Mail of {one} is refused from now on.");
                return;
            }
            await installation.Directory.SetStatusAsync(site.Address, AccountStatus.Suspended, cancellation);
            var held = await EachQueuedAsync(installation, site, (queue, selection) => queue.HoldAsync(selection, cancellation), cancellation);
            await Console.Error.WriteLineAsync($"{site.Address} is blocked: it cannot send.{(held == 0 ? "" : $" {held} recipients in the queue are held; look at them with 'sternpost queue list', and drop or release them.")} To end it: sternpost site unblock {site.Address}");
        });
        return command;
    }

    private static Command Unblock()
    {
        var (address, script) = (Address(), Script());
        var command = new Command("unblock", "Ends a block. What was held stays held until it is released.") { address, script };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var site = await FindAsync(installation, result.GetRequiredValue(address), cancellation);
            if (result.GetValue(script) is { } one) await SetAsync(installation, site, one, ScriptState.New, cancellation);
            else await installation.Directory.SetStatusAsync(site.Address, AccountStatus.Active, cancellation);
            await Console.Error.WriteLineAsync($"{result.GetValue(script) ?? site.Address.ToString()} may send again. What was held in the queue: sternpost queue release");
        });
        return command;
    }

    private static Command Remove()
    {
        var (address, yes) = (Address(), new Option<bool>("--yes") { Description = "Do not ask." });
        var command = new Command("remove", "Removes a site. What it has in the queue is still delivered; block it first where that must not be.") { address, yes };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var site = await FindAsync(installation, result.GetRequiredValue(address), cancellation);
            if (!result.GetValue(yes))
            {
                if (Console.IsInputRedirected) throw new OperationFailedException($"This would remove the site {site.Address}. Say so with --yes.");
                await Console.Error.WriteAsync($"Remove the site {site.Address}? Type its address to confirm: ");
                if (!EmailAddress.TryParse(await Console.In.ReadLineAsync(cancellation), out var typed) || typed != site.Address) throw new OperationFailedException("Nothing was removed.");
            }
            await installation.Directory.RemoveAccountAsync(site.Address, cancellation);
            await Console.Error.WriteLineAsync($"{site.Address} was removed.");
        });
        return command;
    }

    private static SiteBook Book(Installation installation) => new(installation.Database, installation.Directory);

    private static async Task<Site> FindAsync(Installation installation, EmailAddress address, CancellationToken cancellation) =>
        await Book(installation).FindAsync(address, cancellation) ?? throw new OperationFailedException($"There is no site {address}. See them with: sternpost site list");

    private static async Task<IReadOnlyList<long>> SetAsync(Installation installation, Site site, string script, ScriptState state, CancellationToken cancellation) =>
        await Book(installation).SetScriptAsync(site.AccountId, script, state, cancellation)
        ?? throw new OperationFailedException($"{site.Address} has no script {script}. See them with: sternpost site show {site.Address}");

    private static async Task<int> EachQueuedAsync(Installation installation, Site site, Func<QueueInspection, QueueSelection, ValueTask<int>> act, CancellationToken cancellation)
    {
        var queue = new QueueInspection(installation.Database, TimeProvider.System);
        var ids = await installation.Database.ReadAsync(sql => sql.Query($"select id from queue_messages where account_id = {site.AccountId}", row => row.GetInt64(0)), cancellation);
        var changed = 0;
        foreach (var id in ids) changed += await act(queue, new QueueSelection(MessageId: id));
        return changed;
    }

    private static async Task<SiteFact> FactAsync(Installation installation, Site site, CancellationToken cancellation)
    {
        var (hour, day) = await new SiteSending(installation.Database, TimeProvider.System).SentAsync(site, cancellation);
        var account = await installation.Directory.FindAccountAsync(site.Address, cancellation);
        return new SiteFact(site.Address.ToString(), account?.Status == AccountStatus.Active ? "active" : "blocked", site.UserName, site.Folder, site.Addresses, site.RepliesTo?.ToString(),
            site.NewScripts, site.BlindCopies, site.PerHour, site.PerDay, hour, day,
            [.. (await Book(installation).ScriptsAsync(site.AccountId, cancellation)).Select(script => new ScriptFact(script.Script, script.State, script.FirstSeen, script.LastSeen, script.Messages, script.Waiting))]);
    }

    private static string Limit(int limit) => limit == 0 ? "no limit" : limit.ToString();

    private sealed record SiteFact(
        string Address, string Status, string User, string Folder, IReadOnlyList<string> Addresses, string? RepliesTo, NewScripts NewScripts,
        int BlindCopies, int PerHour, int PerDay, long SentInHour, long SentInDay, IReadOnlyList<ScriptFact> Scripts);

    private sealed record ScriptFact(string Script, ScriptState State, DateTimeOffset FirstSeen, DateTimeOffset LastSeen, long Messages, int Waiting);
}
