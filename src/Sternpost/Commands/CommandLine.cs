using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Microsoft.Data.Sqlite;
using Sternpost.Accounts;
using Sternpost.Configuration;

namespace Sternpost.Commands;

/// <summary>Runs one command line. Exit codes: 0 done, 1 the operation failed, 2 wrong usage.</summary>
internal static class CommandLine
{
    internal const int Failed = 1;
    internal const int WrongUsage = 2;

    /// <summary>The whole tree of verbs.</summary>
    internal static RootCommand Root()
    {
        var root = new RootCommand("Sternpost: a mail server with one purpose, mastery over spam.");
        root.Options.Add(CommonOptions.Data);
        root.Options.Add(CommonOptions.Config);
        foreach (var command in CommandTable.All()) root.Subcommands.Add(command);
        return root;
    }

    internal static async Task<int> RunAsync(string[] args)
    {
        // An at sign begins a catch-all (alias add @example.com …), not the name of a file with more arguments.
        var result = Root().Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        // A help or version request is an action of its own and stands even where required arguments are missing.
        if (result.Errors.Count > 0 && result.Action is null or ParseErrorAction) return Explain(result);
        try
        {
            return await result.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (ConfigurationException problems)
        {
            foreach (var problem in problems.Problems) await Console.Error.WriteLineAsync(problem.ToString());
        }
        catch (Exception failure) when (failure is DirectoryException or OperationFailedException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync(failure.Message);
        }
        catch (SqliteException failure)
        {
            await Console.Error.WriteLineAsync($"The database could not be used: {failure.Message}");
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("Interrupted.");
        }
        return Failed;
    }

    private static int Explain(ParseResult result)
    {
        var command = result.CommandResult.Command;
        if (command.Subcommands.Count > 0 && result.UnmatchedTokens.Count == 0)
        {
            Console.Error.WriteLine($"'{Path(result.CommandResult)}' needs one of: {string.Join(", ", command.Subcommands.Where(verb => !verb.Hidden).Select(verb => verb.Name))}.");
        }
        else if (command.Subcommands.Count > 0)
        {
            Console.Error.WriteLine($"'{Path(result.CommandResult)}' has no verb '{result.UnmatchedTokens[0]}'.");
        }
        else
        {
            foreach (var error in result.Errors) Console.Error.WriteLine(error.Message);
        }
        if (result.UnmatchedTokens.Count > 0 && command.Subcommands.Count > 0
            && NearestName.Of(result.UnmatchedTokens[0], command.Subcommands.Where(verb => !verb.Hidden).Select(verb => verb.Name)) is { } nearest)
        {
            Console.Error.WriteLine($"Did you mean '{Path(result.CommandResult)} {nearest}'?");
        }
        Console.Error.WriteLine($"See '{Path(result.CommandResult)} --help'.");
        return WrongUsage;
    }

    private static string Path(CommandResult result) =>
        result.Parent is CommandResult parent ? Path(parent) + " " + result.Command.Name : "sternpost";
}
