using System.CommandLine;
using Sternpost.Accounts;
using Sternpost.Accounts.Scripts;
using Sternpost.Messages.Addresses;
using Sternpost.Sieve;
using Sternpost.Wire;

namespace Sternpost.Commands;

/// <summary><c>sieve list|show|put|activate|deactivate|remove|check</c>: what ManageSieve does for users, for their administrator.</summary>
internal static class SieveCommand
{
    public static Command Create() => new("sieve", "Sieve scripts of accounts: the rules by which their mail is sorted.") { List(), Show(), Put(), Activate(), Deactivate(), Remove(), Check() };

    private static Argument<EmailAddress> Address() => Inputs.Address("account", "Whose scripts.");

    private static Argument<string> Name() => new("name") { Description = "The script's name.", HelpName = "NAME" };

    private static Command List()
    {
        var (address, json) = (Address(), CommonOptions.Json());
        var command = new Command("list", "Lists an account's scripts.") { address, json };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var account = await AccountAsync(installation, result.GetRequiredValue(address), cancellation);
            var facts = (await installation.Scripts.ListAsync(account.Id, cancellation)).Select(script => new Fact(script.Name.Value, script.IsActive, script.Size, script.Created, script.Changed)).ToList();
            Facts.PrintList(facts, result.GetValue(json), $"{account.Address} has no Sieve scripts.",
                ("NAME", fact => fact.Name), ("ACTIVE", fact => fact.Active ? "yes" : ""), ("SIZE", fact => Facts.Octets(fact.Size)), ("CREATED", fact => fact.Created.ToString("u")), ("CHANGED", fact => fact.Changed.ToString("u")));
        });
        return command;
    }

    private static Command Show()
    {
        var address = Address();
        var name = new Argument<string?>("name") { Description = "The script's name; without one, the active script.", HelpName = "NAME", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("show", "Prints a script as it is stored.") { address, name };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var account = await AccountAsync(installation, result.GetRequiredValue(address), cancellation);
            var content = result.GetValue(name) is { } wanted
                ? await installation.Scripts.ReadAsync(account.Id, Parse(wanted), cancellation) ?? throw NoSuch(account, wanted)
                : (await installation.Scripts.ActiveAsync(account.Id, cancellation) ?? throw new OperationFailedException($"No script of {account.Address} is active. See them with: sternpost sieve list {account.Address}")).Content;
            await using var output = Console.OpenStandardOutput();
            await output.WriteAsync(content, cancellation);
        });
        return command;
    }

    private static Command Put()
    {
        var (address, name) = (Address(), Name());
        var file = new Argument<string>("file") { Description = "The script; - reads standard input.", HelpName = "FILE" };
        var activate = new Option<bool>("--activate") { Description = "Sort the account's mail by it from now on." };
        var command = new Command("put", "Stores a script that is sound, in the place of one of the same name.") { address, name, file, activate };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var account = await AccountAsync(installation, result.GetRequiredValue(address), cancellation);
            var script = Parse(result.GetRequiredValue(name));
            var content = await ReadAsync(result.GetRequiredValue(file), cancellation);
            var compilation = ScriptCompiler.Compile(content);
            foreach (var problem in compilation.Problems) await Console.Error.WriteLineAsync(problem.ToString());
            if (compilation.Script is null) throw new OperationFailedException("The script is not sound, so nothing was stored. Mend what is named above and try again.");
            switch (await installation.Scripts.PutAsync(account.Id, script, content, cancellation))
            {
                case StoreOutcome.Done:
                    break;
                case StoreOutcome.TooMany:
                    throw new OperationFailedException($"{account.Address} has {ScriptStore.MaxScripts} scripts, which is the most. Remove one with: sternpost sieve remove {account.Address} NAME");
                case StoreOutcome.TooLarge:
                    throw TooLarge(result.GetRequiredValue(file));
                case StoreOutcome.Empty:
                    throw new OperationFailedException("The script is empty; nothing was stored.");
                default:
                    throw AccountCommand.NoSuch(account.Address);
            }
            if (result.GetValue(activate)) await installation.Scripts.ActivateAsync(account.Id, script, cancellation);
            var active = (await installation.Scripts.ActiveAsync(account.Id, cancellation))?.Name == script;
            await Console.Error.WriteLineAsync(active ? $"Stored; mail of {account.Address} is sorted by it." : $"Stored, and not active. To sort mail by it: sternpost sieve activate {account.Address} {script}");
        });
        return command;
    }

    private static Command Activate()
    {
        var (address, name) = (Address(), Name());
        var command = new Command("activate", "Makes a script the one that the account's mail is sorted by.") { address, name };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var account = await AccountAsync(installation, result.GetRequiredValue(address), cancellation);
            var wanted = result.GetRequiredValue(name);
            if (await installation.Scripts.ActivateAsync(account.Id, Parse(wanted), cancellation) != StoreOutcome.Done) throw NoSuch(account, wanted);
            await Console.Error.WriteLineAsync($"Mail of {account.Address} is sorted by '{wanted}'.");
        });
        return command;
    }

    private static Command Deactivate()
    {
        var address = Address();
        var command = new Command("deactivate", "Lets no script sort the account's mail; none is removed.") { address };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var account = await AccountAsync(installation, result.GetRequiredValue(address), cancellation);
            await installation.Scripts.ActivateAsync(account.Id, null, cancellation);
            await Console.Error.WriteLineAsync($"No script sorts mail of {account.Address}.");
        });
        return command;
    }

    private static Command Remove()
    {
        var (address, name) = (Address(), Name());
        var command = new Command("remove", "Removes a script that is not active.") { address, name };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var account = await AccountAsync(installation, result.GetRequiredValue(address), cancellation);
            var wanted = result.GetRequiredValue(name);
            switch (await installation.Scripts.RemoveAsync(account.Id, Parse(wanted), cancellation))
            {
                case StoreOutcome.Done:
                    await Console.Error.WriteLineAsync($"The script '{wanted}' of {account.Address} is removed.");
                    break;
                case StoreOutcome.Active:
                    throw new OperationFailedException($"'{wanted}' is the active script of {account.Address}. First: sternpost sieve deactivate {account.Address}");
                default:
                    throw NoSuch(account, wanted);
            }
        });
        return command;
    }

    private static Command Check()
    {
        var (address, json) = (Address(), CommonOptions.Json());
        var file = new Argument<string?>("file") { Description = "A script that is not stored; - reads standard input. Without one, all scripts of the account are checked.", HelpName = "FILE", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("check", "Says what is wrong with scripts, line by line; fails where one is not sound.") { address, file, json };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var account = await AccountAsync(installation, result.GetRequiredValue(address), cancellation);
            var facts = new List<CheckedFact>();
            if (result.GetValue(file) is { } path)
            {
                facts.Add(Judge(path, await ReadAsync(path, cancellation)));
            }
            else
            {
                foreach (var script in await installation.Scripts.ListAsync(account.Id, cancellation))
                {
                    if (await installation.Scripts.ReadAsync(account.Id, script.Name, cancellation) is { } content) facts.Add(Judge(script.Name.Value, content));
                }
            }
            if (result.GetValue(json)) Console.Out.WriteLine(Facts.Json(facts));
            else if (facts.Count == 0) await Console.Error.WriteLineAsync($"{account.Address} has no Sieve scripts.");
            else foreach (var line in facts.SelectMany(Lines)) Console.Out.WriteLine(line);
            return facts.All(fact => fact.Sound) ? 0 : 1;
        });
        return command;
    }

    private static CheckedFact Judge(string script, ReadOnlyMemory<byte> content)
    {
        var compilation = ScriptCompiler.Compile(content);
        return new CheckedFact(script, compilation.Script is not null, [.. compilation.Problems.Select(problem => new ProblemFact(problem.Line, problem.Text, problem.IsWarning))]);
    }

    private static IEnumerable<string> Lines(CheckedFact fact) =>
        [$"{fact.Script}: {(fact.Sound ? "sound" : "not sound")}", .. fact.Problems.Select(problem => $"  line {problem.Line}: {(problem.Warning ? "warning: " : "")}{problem.Text}")];

    // Editors of this computer end lines with LF; a script is stored as ManageSieve's clients send it (RFC 5228 §2.1).
    private static async Task<ReadOnlyMemory<byte>> ReadAsync(string path, CancellationToken cancellation)
    {
        if (path != "-" && !File.Exists(path)) throw new OperationFailedException($"There is no file {path}.");
        await using var input = path == "-" ? Console.OpenStandardInput() : File.OpenRead(path);
        // One octet more than is stored tells that there are too many.
        var octets = new byte[ScriptStore.MaxOctets + 1];
        var length = await input.ReadAtLeastAsync(octets, octets.Length, throwOnEndOfStream: false, cancellation);
        var content = CrlfText.Of(octets.AsMemory(0, length));
        return content.Length <= ScriptStore.MaxOctets ? content : throw TooLarge(path);
    }

    private static ScriptName Parse(string text) => ScriptName.TryParse(text, out var name, out var problem) ? name : throw new OperationFailedException(problem + ".");

    private static async ValueTask<Account> AccountAsync(Installation installation, EmailAddress address, CancellationToken cancellation) =>
        await installation.Directory.FindAccountAsync(address, cancellation) ?? throw AccountCommand.NoSuch(address);

    private static OperationFailedException NoSuch(Account account, string name) =>
        new($"{account.Address} has no script '{name}'. See them with: sternpost sieve list {account.Address}");

    private static OperationFailedException TooLarge(string path) => new($"{path} is longer than {Facts.Octets(ScriptStore.MaxOctets)}, which is the most of a script.");

    private sealed record Fact(string Name, bool Active, long Size, DateTimeOffset Created, DateTimeOffset Changed);

    private sealed record CheckedFact(string Script, bool Sound, IReadOnlyList<ProblemFact> Problems);

    private sealed record ProblemFact(int Line, string Text, bool Warning);
}
