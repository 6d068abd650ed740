using System.Globalization;
using System.Security.Cryptography;
using Sternpost.Accounts;
using Sternpost.Demo;
using Sternpost.Dns;
using Sternpost.Mailboxes;
using Sternpost.Messages.Addresses;
using Sternpost.Storage;

namespace Sternpost.Bench;

/// <summary>A data folder for a demo in which alice's inbox is full already, filled without a server in between.</summary>
internal static class FilledFolder
{
    private const int Batch = 500;

    internal static async Task<string> CreateAsync(int messages, int size, CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("sternpost-bench-").FullName;
        await using var database = await Database.OpenAsync(folder, TimeProvider.System, cancellation);
        var directory = new AccountDirectory(database, TimeProvider.System);
        var store = new MailStore(database, directory, TimeProvider.System);
        await directory.AddDomainAsync(DomainName.Parse(DemoAccounts.Domain), cancellation);
        var address = EmailAddress.Parse("alice@" + DemoAccounts.Domain);
        // The demo sets a password of its own when it starts.
        var account = await directory.AddAccountAsync(address, RandomNumberGenerator.GetHexString(20), "Alice Demo", false, 0, cancellation);
        var inbox = await store.FindAsync(account.Id, "INBOX", cancellation) ?? throw new InvalidOperationException("There is no inbox.");
        var letters = new LetterMaker(size, address.ToString(), 1);
        var start = DateTimeOffset.Parse("2020-01-01T00:00:00Z", CultureInfo.InvariantCulture);
        for (var made = 0; made < messages;)
        {
            var batch = new List<NewEmail>(Batch);
            for (; batch.Count < Batch && made < messages; made++)
                batch.Add(new NewEmail(default, letters.NextPlain().Content, made % 3 == 0 ? MessageFlags.None : MessageFlags.Seen, [], start + TimeSpan.FromMinutes(made)));
            await store.AppendAsync(inbox.Id, batch, cancellation);
        }
        return folder;
    }
}
