using Sternpost.Accounts;
using Sternpost.Mailboxes;
using Sternpost.Storage;

namespace Sternpost.Unit.Mailboxes;

/// <summary>A store in a folder of its own with the accounts 1 and 2; closing it checks every invariant.</summary>
internal sealed class TestStore : IAsyncDisposable
{
    internal const long Alice = 1;
    internal const long Bob = 2;

    private TestStore(string folder, Database database)
    {
        Folder = folder;
        Database = database;
        Directory = new AccountDirectory(database, TimeProvider.System);
        Mail = new MailStore(database, Directory, TimeProvider.System);
    }

    internal string Folder { get; }

    internal Database Database { get; private set; }

    internal AccountDirectory Directory { get; private set; }

    internal MailStore Mail { get; private set; }

    internal static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    internal static async Task<TestStore> OpenAsync(long quota = 0)
    {
        var folder = System.IO.Directory.CreateTempSubdirectory("sternpost-mail-").FullName;
        var database = await Database.OpenAsync(folder, TimeProvider.System, Cancellation);
        await database.WriteAsync(
            sql =>
            {
                sql.Execute($"insert into domains (id, name, created) values (1, 'example.org', 0)");
                foreach (var (id, address) in new[] { (Alice, "alice@example.org"), (Bob, "bob@example.org") })
                {
                    byte[] none = [];
                    sql.Execute($"""
                        insert into accounts (id, domain_id, address, display_name, status, administrator, quota_bytes, used_bytes, password_hash, scram_salt, scram_iterations, scram_stored_key, scram_server_key, created)
                        values ({id}, 1, {address}, '', 0, {false}, {quota}, 0, '', {none}, 0, {none}, {none}, 0)
                        """);
                }
                return 0;
            },
            Cancellation);
        return new TestStore(folder, database);
    }

    /// <summary>Closes and opens it again as after a restart.</summary>
    internal async Task ReopenAsync()
    {
        await CheckAsync();
        await Database.DisposeAsync();
        Database = await Database.OpenAsync(Folder, TimeProvider.System, Cancellation);
        Directory = new AccountDirectory(Database, TimeProvider.System);
        Mail = new MailStore(Database, Directory, TimeProvider.System);
    }

    internal async Task<Mailbox> MailboxAsync(string name, long account = Alice) =>
        await Mail.FindAsync(account, name, Cancellation) ?? throw new InvalidOperationException($"There is no mailbox {name}.");

    internal async Task DeliverAsync(ReadOnlyMemory<byte> content, params DeliveryTarget[] targets)
    {
        var email = Mail.Prepare(content);
        await Database.WriteAsync(
            sql =>
            {
                Mail.Deliver(sql, email, targets);
                return 0;
            },
            Cancellation);
    }

    internal async Task<IReadOnlyList<uint>> AppendAsync(string mailbox, params string[] contents)
    {
        var target = await MailboxAsync(mailbox);
        var (outcome, _, uids) = await Mail.AppendAsync(target.Id, [.. contents.Select(Letter)], Cancellation);
        Assert.Equal(MailboxOutcome.Ok, outcome);
        return uids;
    }

    internal async Task<IReadOnlyList<Entry>> EntriesAsync(string mailbox, long account = Alice) =>
        (await Mail.OpenAsync((await MailboxAsync(mailbox, account)).Id, Cancellation))!.Value.Entries;

    internal static NewEmail Letter(string content) =>
        new(ReadOnlyMemory<byte>.Empty, System.Text.Encoding.UTF8.GetBytes(content), MessageFlags.None, [], DateTimeOffset.UnixEpoch);

    internal Task CheckAsync() => CheckAsync(Database);

    internal static async Task CheckAsync(Database database) =>
        Assert.Empty(await database.ReadAsync(StoreInvariants.Check, Cancellation));

    public async ValueTask DisposeAsync()
    {
        try
        {
            await CheckAsync();
        }
        finally
        {
            await Database.DisposeAsync();
            System.IO.Directory.Delete(Folder, recursive: true);
        }
    }
}
