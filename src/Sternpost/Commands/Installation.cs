using System.CommandLine;
using Sternpost.Accounts;
using Sternpost.Accounts.AppPasswords;
using Sternpost.Accounts.Grants;
using Sternpost.Accounts.Masked;
using Sternpost.Accounts.Scripts;
using Sternpost.Accounts.SecondFactors;
using Sternpost.Jmap.Stores;
using Sternpost.Mailboxes;
using Sternpost.Mailboxes.Searching;
using Sternpost.Storage;

namespace Sternpost.Commands;

/// <summary>An existing data folder, opened by a verb that reads or changes the directory beside a running server.</summary>
internal sealed class Installation : IAsyncDisposable
{
    private Installation(Database database)
    {
        Database = database;
        Directory = new AccountDirectory(database, TimeProvider.System);
        Mail = new MailStore(database, Directory, TimeProvider.System);
        // A server beside this command may have the index open; it finds its account gone and never asks for it again.
        AccountRemoval.Join(Directory, database, accountId => MailSearch.Delete(database, accountId));
        AppPasswords = new AppPasswordBook(database, Directory, TimeProvider.System);
        SecondFactors = new SecondFactorBook(database, Directory, TimeProvider.System);
        Grants = new SenderGrantBook(database, Directory, TimeProvider.System);
        Masked = new MaskedBook(database, Directory, TimeProvider.System);
        Scripts = new ScriptStore(database, TimeProvider.System);
    }

    public Database Database { get; }

    public AccountDirectory Directory { get; }

    /// <summary>The mail; here also because an account is removed with its mail, which the store does.</summary>
    public MailStore Mail { get; }

    /// <summary>Opens the folder that <c>--data</c> names.</summary>
    /// <exception cref="OperationFailedException">There is none.</exception>
    public static async Task<Installation> OpenAsync(ParseResult result, CancellationToken cancellation)
    {
        var folder = result.GetRequiredValue(CommonOptions.Data);
        if (!System.IO.Directory.Exists(folder))
        {
            throw new OperationFailedException($"There is no data folder at {Path.GetFullPath(folder)}. Name it with --data, or make one with: sternpost setup --data {folder}");
        }
        return new Installation(await Database.OpenAsync(folder, TimeProvider.System, cancellation));
    }

    /// <summary>The app passwords of accounts.</summary>
    public AppPasswordBook AppPasswords { get; }

    /// <summary>What accounts have beside their passwords.</summary>
    public SecondFactorBook SecondFactors { get; }

    /// <summary>What accounts may send as beside their own addresses.</summary>
    public SenderGrantBook Grants { get; }

    /// <summary>Addresses that accounts gave to one shop each.</summary>
    public MaskedBook Masked { get; }

    /// <summary>The Sieve scripts of accounts.</summary>
    public ScriptStore Scripts { get; }

    public ValueTask DisposeAsync() => Database.DisposeAsync();
}
