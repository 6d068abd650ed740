using System.Net.Sockets;
using System.Security.Cryptography;
using Sternpost.Mailboxes;
using Sternpost.Storage;
using Sternpost.Storage.Backups;
using Sternpost.Unit.Mailboxes;

namespace Sternpost.Unit.Storage;

/// <summary>A copy of all that is stored, made beside a server that writes, and its way back.</summary>
public sealed class BackupTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("sternpost-backup-").FullName;
    private readonly Progress<string> progress = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Target => Path.Combine(folder, "backup");

    private string Restored => Path.Combine(folder, "restored");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task What_is_backed_up_comes_back_the_same()
    {
        await using var store = await TestStore.OpenAsync();
        var large = await LargeAsync(store);
        await store.AppendAsync("INBOX", "Subject: small\r\n\r\nText\r\n");
        await File.WriteAllTextAsync(Path.Combine(store.Folder, "settings.toml"), "a = 1\n", Cancellation);
        Directory.CreateDirectory(Path.Combine(store.Folder, "tls"));
        await File.WriteAllTextAsync(Path.Combine(store.Folder, "tls", "key.pem"), "key", Cancellation);
        await File.WriteAllTextAsync(Path.Combine(store.Folder, ".unfinished"), "half", Cancellation);
        Directory.CreateDirectory(Path.Combine(store.Folder, SearchFile.FolderName));
        await File.WriteAllTextAsync(Path.Combine(store.Folder, SearchFile.FolderName, "1.fts"), "an index in use", Cancellation);
        await File.WriteAllTextAsync(Path.Combine(store.Folder, "server.lock"), "1", Cancellation);
        using var keeper = Listen(store, "wires.1.sock");
        using var other = Listen(store, "another");
        using var held = new FileStream(Path.Combine(store.Folder, "handover.left.1.lock"), FileMode.Create, FileAccess.ReadWrite, FileShare.None);

        var summary = await MakeAsync(store);
        Assert.Empty(summary.Damaged);
        Assert.Equal((4, 4), (summary.Manifest.Files, summary.Copied));
        Assert.Empty((await Restoration.CheckAsync(Target, progress, Cancellation)).Wrong);
        await RestoreAsync();
        Assert.Equal("a = 1\n", await File.ReadAllTextAsync(Path.Combine(Restored, "settings.toml"), Cancellation));
        Assert.True(File.Exists(Path.Combine(Restored, "tls", "key.pem")));
        Assert.False(File.Exists(Path.Combine(Restored, ".unfinished")) || File.Exists(Path.Combine(Restored, "server.lock")) || File.Exists(Path.Combine(Restored, "unfinished")));
        await using var back = await Database.OpenAsync(Restored, TimeProvider.System, Cancellation);
        await TestStore.CheckAsync(back);
        Assert.Empty(await back.IntegrityAsync(Cancellation));
        var (contents, wrong) = await back.Blobs.VerifyAsync(progress, Cancellation);
        Assert.Equal(2, contents);
        Assert.Empty(wrong);
        var id = await back.ReadAsync(sql => sql.First($"select id from blobs where data is null", row => row.GetInt64(0)), Cancellation);
        Assert.Equal(large, await back.ReadAsync(sql => back.Blobs.Read(sql, id), Cancellation));
    }

    private static Socket Listen(TestStore store, string name)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Path.Combine(store.Folder, name)));
        return socket;
    }

    [Fact]
    public async Task Made_again_only_what_is_new_is_copied_and_what_is_gone_goes()
    {
        await using var store = await TestStore.OpenAsync();
        await LargeAsync(store);
        await MakeAsync(store);
        Assert.Equal(1, (await MakeAsync(store)).Copied);
        await LargeAsync(store);
        await RemoveFirstAsync(store);
        var third = await MakeAsync(store);
        Assert.Equal((2, 2), (third.Copied, third.Manifest.Files));
        Assert.Single(Directory.GetFiles(Path.Combine(Target, "blobs"), "*", SearchOption.AllDirectories));
        Assert.Empty((await Restoration.CheckAsync(Target, progress, Cancellation)).Wrong);
    }

    [Fact]
    public async Task A_backup_made_while_mail_comes_and_goes_is_consistent()
    {
        await using var store = await TestStore.OpenAsync();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var busy = Task.Run(async () =>
        {
            for (var i = 0; !enough.IsCancellationRequested; i++)
            {
                await LargeAsync(store);
                if (i % 3 == 2) await RemoveFirstAsync(store);
            }
        }, Cancellation);
        for (var i = 0; i < 5; i++)
        {
            Assert.Empty((await MakeAsync(store)).Damaged);
            await RestoreAsync();
            await using (var back = await Database.OpenAsync(Restored, TimeProvider.System, Cancellation))
            {
                await TestStore.CheckAsync(back);
                Assert.Empty((await back.Blobs.VerifyAsync(progress, Cancellation)).Wrong);
            }
            Directory.Delete(Restored, recursive: true);
        }
        await enough.CancelAsync();
        await busy;
    }

    [Fact]
    public async Task After_a_restoration_clients_learn_what_is_there_and_no_uid_is_given_twice()
    {
        await using var store = await TestStore.OpenAsync();
        var kept = Assert.Single(await store.AppendAsync("INBOX", "Subject: kept\r\n\r\n"));
        await MakeAsync(store);
        var lost = Assert.Single(await store.AppendAsync("INBOX", "Subject: lost\r\n\r\n"));
        var seen = (await store.MailboxAsync("INBOX")).HighestModSeq;
        await Restoration.RestoreAsync(Target, Restored, async unfinished =>
        {
            await using var database = await Database.OpenAsync(unfinished, TimeProvider.System, Cancellation);
            Assert.True(await RestoredStore.MoveOnAsync(database, Cancellation) > 0);
        }, progress, Cancellation);
        await using var back = await Database.OpenAsync(Restored, TimeProvider.System, Cancellation);
        await TestStore.CheckAsync(back);
        var mail = new MailStore(back, new Sternpost.Accounts.AccountDirectory(back, TimeProvider.System), TimeProvider.System);
        var inbox = (await mail.FindAsync(TestStore.Alice, "INBOX", Cancellation))!;
        var changes = (await mail.ChangesAsync(inbox.Id, seen, Cancellation))!;
        Assert.Equal([kept], changes.Changed.Select(entry => entry.Uid));
        Assert.Contains(lost, changes.Vanished);
        // JMAP's states: a number past all that the lost days can have reached.
        Assert.True(await back.ReadAsync(sql => sql.First($"select max(seq) from account_changes where account_id = {TestStore.Alice}", row => row.GetInt64(0)), Cancellation) > 1_000_000);
        var (_, _, uids) = await mail.AppendAsync(inbox.Id, [TestStore.Letter("Subject: new\r\n\r\n")], Cancellation);
        Assert.True(uids[0] > lost);
    }

    [Fact]
    public async Task What_is_damaged_is_found_and_not_restored()
    {
        await using var store = await TestStore.OpenAsync();
        await LargeAsync(store);
        await MakeAsync(store);
        var file = Assert.Single(Directory.GetFiles(Path.Combine(Target, "blobs"), "*", SearchOption.AllDirectories));
        await FlipAsync(file);
        Assert.Contains(Path.GetFileName(file), Assert.Single((await Restoration.CheckAsync(Target, progress, Cancellation)).Wrong));
        Assert.Contains("nothing was restored", (await Assert.ThrowsAsync<BackupException>(RestoreAsync)).Message);
        Assert.Equal([Target], Directory.GetFileSystemEntries(folder));

        await FlipAsync(Assert.Single(Directory.GetFiles(Path.Combine(store.Folder, "blobs"), "*", SearchOption.AllDirectories)));
        Assert.Single((await store.Database.Blobs.VerifyAsync(progress, Cancellation)).Wrong);
        File.Delete(file);
        Assert.Contains("not as it was stored", Assert.Single((await MakeAsync(store)).Damaged));
    }

    [Fact]
    public async Task Nothing_is_written_over_and_a_path_out_of_the_folder_is_refused()
    {
        await using var store = await TestStore.OpenAsync();
        await Assert.ThrowsAsync<BackupException>(() => Backup.MakeAsync(store.Database, Path.Combine(store.Folder, "backup"), "1", TimeProvider.System, progress, Cancellation));
        Directory.CreateDirectory(Target);
        await File.WriteAllTextAsync(Path.Combine(Target, "holiday.jpg"), "mine", Cancellation);
        await Assert.ThrowsAsync<BackupException>(() => MakeAsync(store));
        File.Delete(Path.Combine(Target, "holiday.jpg"));
        await Assert.ThrowsAsync<BackupException>(RestoreAsync);
        await MakeAsync(store);
        Directory.CreateDirectory(Restored);
        await File.WriteAllTextAsync(Path.Combine(Restored, "mail"), "mine", Cancellation);
        await Assert.ThrowsAsync<BackupException>(RestoreAsync);
        Assert.Equal("mine", await File.ReadAllTextAsync(Path.Combine(Restored, "mail"), Cancellation));
        Directory.Delete(Restored, recursive: true);

        var list = Path.Combine(Target, "files.sha256");
        await File.AppendAllTextAsync(list, new string('0', 64) + "  ../outside\n", Cancellation);
        Assert.Contains("not as it was written", (await Assert.ThrowsAsync<BackupException>(RestoreAsync)).Message);
        var manifest = Path.Combine(Target, "backup.json");
        var digest = Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(list, Cancellation)));
        await File.WriteAllTextAsync(manifest, System.Text.RegularExpressions.Regex.Replace(await File.ReadAllTextAsync(manifest, Cancellation), "[0-9a-f]{64}", digest), Cancellation);
        Assert.Contains("names no file", (await Assert.ThrowsAsync<BackupException>(RestoreAsync)).Message);
    }

    private Task<BackupSummary> MakeAsync(TestStore store) => Backup.MakeAsync(store.Database, Target, "1.2.3", TimeProvider.System, progress, Cancellation);

    private Task RestoreAsync() => Restoration.RestoreAsync(Target, Restored, _ => Task.CompletedTask, progress, Cancellation);

    private static async Task<byte[]> LargeAsync(TestStore store)
    {
        var content = RandomNumberGenerator.GetBytes(150_000);
        await store.DeliverAsync(content, new DeliveryTarget(TestStore.Alice, SpecialUse.Inbox, ReadOnlyMemory<byte>.Empty));
        return content;
    }

    private static async Task RemoveFirstAsync(TestStore store)
    {
        var (inbox, uid) = ((await store.MailboxAsync("INBOX")).Id, (await store.EntriesAsync("INBOX"))[0].Uid);
        await store.Mail.StoreFlagsAsync(inbox, [uid], FlagOperation.Add, MessageFlags.Deleted, [], null, Cancellation);
        Assert.Equal([uid], await store.Mail.ExpungeAsync(inbox, [uid], Cancellation));
    }

    private static async Task FlipAsync(string file)
    {
        var octets = await File.ReadAllBytesAsync(file, Cancellation);
        octets[1000] ^= 1;
        await File.WriteAllBytesAsync(file, octets, Cancellation);
    }
}
