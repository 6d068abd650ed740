using System.IO.Compression;
using System.Net;
using System.Text;
using Microsoft.Data.Sqlite;
using Sternpost.Accounts;
using Sternpost.Accounts.Sasl;
using Sternpost.Dns;
using Sternpost.Filter;
using Sternpost.Filter.Classifier;
using Sternpost.Filter.Lessons;
using Sternpost.Mailboxes;
using Sternpost.Messages.Addresses;
using Sternpost.Queue;
using Sternpost.Queue.Signing;
using Sternpost.Storage;
using Sternpost.Unit.House;
using Sternpost.Unit.Queue;

namespace Sternpost.Unit.Storage;

/// <summary>
/// A data folder of every release, with one of each thing that is kept (all of it invented), opens and is still all there. A release
/// is added by <see cref="The_data_of_this_release_is_made"/>, run by hand just before it, and never made again afterwards:
/// <c>dotnet tests/Unit/bin/Release/net10.0/Sternpost.Unit.dll -explicit only -method '*The_data_of_this_release_is_made'</c>.
/// </summary>
public class ReleaseDataTests
{
    private const string Password = "correct horse battery";
    private static readonly byte[] Prefix = "Return-Path: <bob@example.com>\r\n"u8.ToArray();
    private static readonly byte[] Small = Encoding.UTF8.GetBytes("From: bob@example.com\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n\r\n.Hello\r\n");
    private static readonly byte[] Large = Encoding.ASCII.GetBytes("Subject: large\r\n\r\n" + string.Concat(Enumerable.Repeat("The same line again.\r\n", 10_000)));
    private static readonly byte[] Spam = Encoding.ASCII.GetBytes("From: offers@spam.test\r\nSubject: Your pills have shipped\r\nMessage-ID: <1@spam.test>\r\n\r\nBuy now, cheap pills at http://pills.spam.test/ today only.\r\n");

    public static TheoryData<string> Releases => [.. Directory.EnumerateFiles(RepositoryRoot.File("tests", "Unit", "Storage", "Releases"), "*.zip").Select(file => Path.GetFileNameWithoutExtension(file))];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Releases))]
    public async Task The_data_of_a_release_opens_and_everything_is_there(string version)
    {
        using var data = new Folder(version);
        var database = await Database.OpenAsync(data.Path, TimeProvider.System, Cancellation);
        await using (database)
        {
            await CheckAsync(database);
        }
    }

    // A step that was changed after a release leaves the old folders without what the new ones have. Before the release of 0.1.0 the
    // remedy is to make its data again; after it, a new step.
    [Theory]
    [MemberData(nameof(Releases))]
    public async Task The_schema_of_an_old_folder_becomes_that_of_a_new_one(string version)
    {
        using var data = new Folder(version);
        await (await Database.OpenAsync(data.Path, TimeProvider.System, Cancellation)).DisposeAsync();
        var fresh = Directory.CreateTempSubdirectory("fresh").FullName;
        await (await Database.OpenAsync(fresh, TimeProvider.System, Cancellation)).DisposeAsync();
        Assert.Equal(Shape(fresh), Shape(data.Path));
        Directory.Delete(fresh, recursive: true);
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public async Task The_next_step_is_applied_once_and_keeps_what_is_there(string version)
    {
        using var data = new Folder(version);
        (long, string, string) next = (9999, "9999-next", "alter table accounts add column invented bigint not null default 7; create table invented (id bigint primary key);");
        for (var i = 0; i < 2; i++) Migrate(data.Path, [.. Schema.Steps(), next]);
        Assert.Contains("accounts.invented", Shape(data.Path), StringComparison.Ordinal);

        // An older program must not write into what it does not understand.
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(async () => await Database.OpenAsync(data.Path, TimeProvider.System, Cancellation));
        Assert.Contains("newer Sternpost", refused.Message, StringComparison.Ordinal);
        Run(data.Path, "delete from schema_steps where number = 9999");
        var database = await Database.OpenAsync(data.Path, TimeProvider.System, Cancellation);
        await using (database)
        {
            await CheckAsync(database);
        }
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public async Task A_step_that_fails_halfway_leaves_the_folder_as_it_was(string version)
    {
        using var data = new Folder(version);
        var before = Shape(data.Path);
        Assert.Throws<SqliteException>(() => Migrate(data.Path, [.. Schema.Steps(), (9998, "9998-good", "create table invented (id bigint)"), (9999, "9999-bad", "drop table accounts; create nonsense")]));
        Assert.Equal(before, Shape(data.Path));
        var database = await Database.OpenAsync(data.Path, TimeProvider.System, Cancellation);
        await using (database)
        {
            await CheckAsync(database);
        }
    }

    [Fact(Explicit = true)]
    public async Task The_data_of_this_release_is_made()
    {
        var version = typeof(Database).Assembly.GetName().Version!.ToString(3);
        var file = RepositoryRoot.File("tests", "Unit", "Storage", "Releases", version + ".zip");
        await using (var queue = await TestQueue.OpenAsync(25))
        {
            await FillAsync(queue);
            await queue.Database.DisposeAsync();
            Run(queue.Folder, "vacuum");
            File.Delete(file);
            await ZipFile.CreateFromDirectoryAsync(queue.Folder, file, CompressionLevel.SmallestSize, includeBaseDirectory: false, Cancellation);
        }
        await The_data_of_a_release_opens_and_everything_is_there(version);
    }

    private static async Task FillAsync(TestQueue queue)
    {
        var directory = queue.Directory;
        await directory.AddAccountAsync(Address("bob@example.com"), Password, "Bob Bobson", administrator: true, 5_000_000, Cancellation);
        await directory.AddAccountAsync(Address("carol@example.com"), Password, "", administrator: false, 0, Cancellation);
        await directory.SetStatusAsync(Address("carol@example.com"), AccountStatus.Suspended, Cancellation);
        await directory.AddAliasAsync("sales@example.com", Address("bob@example.com"), Cancellation);
        await directory.AddAliasAsync("sales@example.com", Address("partner@elsewhere.test"), Cancellation);
        await directory.AddAliasAsync("@example.com", TestQueue.Alice, Cancellation);

        var alice = (await directory.FindAccountAsync(TestQueue.Alice, Cancellation))!.Id;
        var inbox = (await queue.Mail.FindAsync(alice, "INBOX", Cancellation))!.Id;
        await queue.Mail.AppendAsync(inbox,
        [
            new NewEmail(Prefix, Small, MessageFlags.Seen | MessageFlags.Flagged, ["$Important"], queue.Time.GetUtcNow()),
            new NewEmail(ReadOnlyMemory<byte>.Empty, Large, MessageFlags.None, [], queue.Time.GetUtcNow()),
            new NewEmail(ReadOnlyMemory<byte>.Empty, Spam, MessageFlags.Deleted, [], queue.Time.GetUtcNow()),
        ], Cancellation);
        await queue.Mail.ExpungeAsync(inbox, [3], Cancellation);
        await queue.Mail.CreateAsync(alice, "Projects/Übung", SpecialUse.None, Cancellation);
        await queue.Mail.CopyAsync(inbox, [1], (await queue.Mail.FindAsync(alice, "Projects/Übung", Cancellation))!.Id, Cancellation);

        await queue.SubmitAsync("someone@elsewhere.test", "other@far.test", "bob@example.com");
        await new DkimKeys(queue.Database, queue.Time).EnsureAsync(DomainName.Parse("example.com"), Cancellation);
        await Lessons(queue.Database).TeachAsync(alice, Spam, junk: true, cancellation: Cancellation);
    }

    private static async Task CheckAsync(Database database)
    {
        Assert.Empty(await database.ReadAsync(StoreInvariants.Check, Cancellation));
        var directory = new AccountDirectory(database, TimeProvider.System);
        var sasl = new SaslServer(new Credentials(database, directory, TimeProvider.System));
        var bob = await directory.FindAccountAsync(Address("bob@example.com"), Cancellation);
        Assert.Equal(("Bob Bobson", true, 5_000_000, AccountStatus.Active), (bob!.DisplayName, bob.IsAdministrator, bob.QuotaBytes, bob.Status));
        Assert.IsType<SaslStep.Success>(await sasl.LoginAsync("bob@example.com", Password, IPAddress.Loopback, Cancellation));
        Assert.IsType<SaslStep.Failure>(await sasl.LoginAsync("carol@example.com", Password, IPAddress.Loopback, Cancellation));
        var sales = Assert.IsType<RecipientResolution.Deliver>(await directory.ResolveAsync(Address("sales@example.com"), Cancellation));
        Assert.Equal(("bob@example.com", "partner@elsewhere.test"), (Assert.Single(sales.Local).Account.Address.Key, Assert.Single(sales.Forward).Key));
        var whoever = Assert.IsType<RecipientResolution.Deliver>(await directory.ResolveAsync(Address("whoever@example.com"), Cancellation));
        Assert.Equal("alice@example.com", Assert.Single(whoever.Local).Account.Address.Key);

        var alice = (await directory.FindAccountAsync(TestQueue.Alice, Cancellation))!.Id;
        var mail = new MailStore(database, directory, TimeProvider.System);
        var open = await mail.OpenAsync((await mail.FindAsync(alice, "INBOX", Cancellation))!.Id, Cancellation);
        var (inbox, entries) = open!.Value;
        Assert.Equal((4u, 2), (inbox.UidNext, entries.Count));
        Assert.Equal((MessageFlags.Seen | MessageFlags.Flagged, "$Important"), (entries[0].Flags, Assert.Single(entries[0].Keywords)));
        Assert.Equal(Prefix.Concat(Small), (await mail.ContentAsync(entries[0].EmailId, Cancellation))!.Value.ToArray());
        Assert.Equal(Large, (await mail.ContentAsync(entries[1].EmailId, Cancellation))!.Value.ToArray());
        Assert.Equal(1, (await mail.FindAsync(alice, "Projects/Übung", Cancellation))!.Total);
        Assert.Equal(3u, Assert.Single((await mail.ChangesAsync(inbox.Id, 1, Cancellation))!.Vanished));
        Assert.Equal(1, (await mail.FindAsync(bob.Id, "INBOX", Cancellation))!.Total);

        var waiting = await new QueueInspection(database, TimeProvider.System).ListAsync(new QueueSelection(), 100, Cancellation);
        Assert.Equal(["other@far.test", "someone@elsewhere.test"], waiting.SelectMany(entry => entry.Recipients).Select(recipient => recipient.Recipient.Address.Key).Order(StringComparer.Ordinal));
        Assert.NotEmpty(await new DkimKeys(database, TimeProvider.System).PublishedAsync(DomainName.Parse("example.com"), Cancellation));
        Assert.True(await Lessons(database).ForgetAsync(alice, Spam, Cancellation));
    }

    private static AccountLessons Lessons(Database database) => new(database, new FilterOptions(), new StatisticalClassifier(DayZeroModel.Shipped), TimeProvider.System);

    private static EmailAddress Address(string text) => EmailAddress.Parse(text);

    /// <summary>Every column and index, whatever order they were made in.</summary>
    private static string Shape(string folder)
    {
        using var connection = Open(folder);
        using var command = connection.CreateCommand();
        command.CommandText = """
            select m.name || '.' || c.name || ' ' || lower(c.type) || ' ' || c."notnull" || ' ' || c.pk from sqlite_master m, pragma_table_info(m.name) c where m.type = 'table' and m.name not like 'sqlite_%'
            union all select 'index ' || m.name || ' ' || (select group_concat(i.name) from pragma_index_info(m.name) i) from sqlite_master m where m.type = 'index'
            union all select 'step ' || number from schema_steps
            order by 1
            """;
        using var rows = command.ExecuteReader();
        var shape = new StringBuilder();
        while (rows.Read()) shape.AppendLine(rows.GetString(0));
        return shape.ToString();
    }

    private static void Migrate(string folder, IReadOnlyList<(long, string, string)> steps)
    {
        using var connection = Open(folder);
        Schema.Migrate(connection, TimeProvider.System, steps);
    }

    private static void Run(string folder, string statement)
    {
        using var connection = Open(folder);
        using var command = connection.CreateCommand();
        command.CommandText = statement;
        command.ExecuteNonQuery();
    }

    private static SqliteConnection Open(string folder)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path.Combine(folder, "sternpost.db"), Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    private sealed class Folder : IDisposable
    {
        internal Folder(string version)
        {
            Path = Directory.CreateTempSubdirectory("release").FullName;
            ZipFile.ExtractToDirectory(RepositoryRoot.File("tests", "Unit", "Storage", "Releases", version + ".zip"), Path);
        }

        internal string Path { get; }

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
