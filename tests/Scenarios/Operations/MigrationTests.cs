using System.Text.Json;
using MailKit;
using Sternpost.Commands;
using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Operations;

/// <summary>Mail comes from elsewhere with its flags and dates, once, and goes out again in a form that Python's own mailbox module reads.</summary>
public sealed class MigrationTests
{
    private const string Account = "clerk@company.example";

    private static readonly DateTime Arrived = new(2019, 3, 4, 5, 6, 7, DateTimeKind.Utc);

    [Fact]
    public async Task A_Maildir_as_Dovecot_keeps_it_comes_in_once_and_goes_out_again()
    {
        await using var server = await InstalledServer.StartAsync("", Account);
        var maildir = Path.Combine(server.Folder, "old");
        await KeepAsync(maildir, "cur/1551675967.M1P2.host,S=30:2,FRSa", "Subject: first\n\n>From the start\n");
        await File.WriteAllTextAsync(Path.Combine(maildir, "dovecot-keywords"), "0 receipts\n");
        await KeepAsync(maildir, "new/1551675968.M1P2.host", "Subject: unread\n\nText\n");
        await KeepAsync(maildir, ".Gesendet/cur/1551675969.M1P2.host:2,S", "Subject: sent\n\nText\n");
        await KeepAsync(maildir, ".Projekte.&ANw-bersicht/cur/1551675970.M1P2.host:2,ST", "Subject: deep\n\nText\n");

        var first = await JsonAsync(server, "import", "maildir", maildir, "--account", Account);
        Assert.Equal(JsonKeys.ByVerb["import maildir"].Select(key => key.Key).Order(), first[0].EnumerateObject().Select(property => property.Name).Order());
        Assert.Equal(["INBOX 2/0", "Sent 1/0", "Projekte/Übersicht 1/0"], Counts(first));
        using (var client = await Mailbox.OpenAsync(server, Account))
        {
            var inbox = client.Inbox!;
            await inbox.OpenAsync(FolderAccess.ReadOnly);
            var found = (await inbox.FetchAsync(0, -1, MessageSummaryItems.Flags | MessageSummaryItems.InternalDate)).ToList();
            Assert.Equal(MessageFlags.Flagged | MessageFlags.Answered | MessageFlags.Seen, found[0].Flags & ~MessageFlags.Recent);
            Assert.Contains("receipts", found[0].Keywords);
            Assert.Equal(MessageFlags.None, found[1].Flags & ~MessageFlags.Recent);
            Assert.Equal(Arrived, found[0].InternalDate!.Value.UtcDateTime);
            Assert.Equal("Subject: first\r\n\r\n>From the start\r\n"u8.ToArray(), (await Mailbox.ContentsAsync(inbox))[0].Content);
            var deep = await client.GetFolderAsync("Projekte/Übersicht");
            await deep.OpenAsync(FolderAccess.ReadOnly);
            Assert.Equal(MessageFlags.Deleted | MessageFlags.Seen, (await deep.FetchAsync(0, -1, MessageSummaryItems.Flags))[0].Flags & ~MessageFlags.Recent);
        }

        // Meanwhile the old server went on: one was read, one came.
        File.Move(Path.Combine(maildir, "new/1551675968.M1P2.host"), Path.Combine(maildir, "cur/1551675968.M1P2.host:2,S"));
        await KeepAsync(maildir, "new/1551675999.M1P2.host", "Subject: late\n\nText\n");
        Assert.Equal(["INBOX 1/2", "Sent 0/1", "Projekte/Übersicht 0/1"], Counts(await JsonAsync(server, "import", "maildir", maildir, "--account", Account)));

        var exported = Path.Combine(server.Folder, "exported");
        Assert.Equal(5, (await JsonAsync(server, "export", exported, "--account", Account)).EnumerateArray().Sum(each => each.GetProperty("written").GetInt32()));
        Assert.Equal(0, (await JsonAsync(server, "export", exported, "--account", Account)).EnumerateArray().Sum(each => each.GetProperty("written").GetInt32()));
        var read = await PythonAsync($"""
            import mailbox
            box = mailbox.Maildir({exported.Quoted()}, create=False)
            print(sorted((m['Subject'], ''.join(sorted(m.get_flags())), int(m.get_date())) for m in box))
            print(sorted(box.list_folders()))
            """);
        Assert.Contains($"('first', 'FRSa', {new DateTimeOffset(Arrived).ToUnixTimeSeconds()})", read);
        Assert.Contains("'Projekte.&ANw-bersicht'", read);
    }

    [Fact]
    public async Task Links_and_pipes_that_a_user_put_into_a_Maildir_lead_nowhere()
    {
        await using var server = await InstalledServer.StartAsync("", Account);
        var (maildir, secret) = (Path.Combine(server.Folder, "old"), Path.Combine(server.Folder, "secret"));
        await KeepAsync(maildir, "cur/1551675967.M1P2.host:2,S", "Subject: mine\n\nText\n");
        Directory.CreateDirectory(secret);
        await File.WriteAllTextAsync(Path.Combine(secret, "shadow"), "root:secret\n");
        File.CreateSymbolicLink(Path.Combine(maildir, "cur/1551675968.M1P2.host:2,S"), Path.Combine(secret, "shadow"));
        Directory.CreateDirectory(Path.Combine(maildir, ".Loot", "new"));
        Directory.CreateSymbolicLink(Path.Combine(maildir, ".Loot", "cur"), secret);
        Assert.Equal(0, (await Peer.RunAsync("mkfifo", [Path.Combine(maildir, "new/1551675969.M1P2.host")])).ExitCode);
        var outcome = await server.CommandAsync(null, "import", "maildir", maildir, "--account", Account);
        Assert.Contains("is a link", outcome.Errors);
        using var client = await Mailbox.OpenAsync(server, Account);
        Assert.Equal(["Subject: mine\r\n\r\nText\r\n"], (await Mailbox.ContentsAsync(client.Inbox!)).Select(message => System.Text.Encoding.ASCII.GetString(message.Content)));
        Assert.DoesNotContain(await client.GetFoldersAsync(client.PersonalNamespaces[0]), folder => folder.Name == "Loot");
    }

    [Fact]
    public async Task An_mbox_comes_in_once_and_goes_out_again()
    {
        await using var server = await InstalledServer.StartAsync("", Account);
        var mbox = Path.Combine(server.Folder, "Archive.mbox");
        await File.WriteAllTextAsync(mbox, "From a@b.example Mon Mar  4 05:06:07 2019\nStatus: RO\nX-Status: F\nSubject: one\n\n>From here\n\nFrom a@b.example Mon Mar  4 05:06:08 2019\nSubject: two\n\nText\n\nFrom a@b.example Mon Mar  4 05:06:08 2019\nSubject: two\n\nText\n");
        Assert.Equal(["Archive 3/0"], Counts(await JsonAsync(server, "import", "mbox", mbox, "--account", Account)));
        Assert.Equal(["Archive 0/3"], Counts(await JsonAsync(server, "import", "mbox", mbox, "--account", Account)));
        using (var client = await Mailbox.OpenAsync(server, Account))
        {
            var archive = await client.GetFolderAsync("Archive");
            Assert.Equal("Subject: one\r\n\r\nFrom here\r\n"u8.ToArray(), (await Mailbox.ContentsAsync(archive))[0].Content);
            var found = (await archive.FetchAsync(0, -1, MessageSummaryItems.Flags | MessageSummaryItems.InternalDate)).ToList();
            Assert.Equal(MessageFlags.Seen | MessageFlags.Flagged, found[0].Flags & ~MessageFlags.Recent);
            Assert.Equal(Arrived, found[0].InternalDate!.Value.UtcDateTime);
        }
        var exported = Path.Combine(server.Folder, "exported");
        await JsonAsync(server, "export", exported, "--account", Account, "--format", "mbox", "--mailbox", "Archive");
        var read = await PythonAsync($"""
            import mailbox
            for m in mailbox.mbox({Path.Combine(exported, "Archive.mbox").Quoted()}, create=False): print(m['Subject'], m.get_flags(), repr(m.get_payload()))
            """);
        Assert.Equal(["one ROF '>From here\\n'", "two O 'Text\\n'", "two O 'Text\\n'"], read.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Another_server_s_mail_comes_by_IMAP_goes_on_after_a_break_and_a_false_certificate_gets_no_password()
    {
        await using var server = await InstalledServer.StartAsync("", Account);
        await using var old = await DemoServer.StartAsync("--no-scene");
        const string There = "bob@demo.test";
        using (var client = await Mailbox.OpenAsync(old, There))
        {
            foreach (var (folder, subject, flags) in ((string, string, MessageFlags)[])[("INBOX", "one", MessageFlags.Flagged), ("INBOX", "two", MessageFlags.Seen), ("Sent", "three", MessageFlags.Seen)])
            {
                var target = await client.GetFolderAsync(folder);
                await target.AppendAsync(new AppendRequest(MimeKit.MimeMessage.Load(new MemoryStream(System.Text.Encoding.ASCII.GetBytes($"Subject: {subject}\r\n\r\nText\r\n"))), flags, new DateTimeOffset(Arrived)));
            }
        }
        string[] import = ["import", "imap", "--account", Account, "--host", "localhost", "--user", There, "--port", old.Ports["imaps"].ToString(), "--password-stdin", "--json"];
        var refused = await server.CommandAsync(old.Passwords[There] + "\n", import);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("nothing was sent to it", refused.Errors);

        Assert.Equal(["INBOX 2/0", "Sent 1/0"], Counts(await TrustingAsync(old.Passwords[There])).Where(count => !count.EndsWith(" 0/0", StringComparison.Ordinal)));
        Assert.Equal(["INBOX 0/2", "Sent 0/1"], Counts(await TrustingAsync(old.Passwords[There])));
        using (var client = await Mailbox.OpenAsync(server, Account))
        {
            await client.Inbox!.OpenAsync(FolderAccess.ReadOnly);
            var found = (await client.Inbox.FetchAsync(0, -1, MessageSummaryItems.Flags | MessageSummaryItems.InternalDate)).ToList();
            Assert.Equal([MessageFlags.Flagged, MessageFlags.Seen], found.Select(each => each.Flags!.Value & ~MessageFlags.Recent));
            Assert.Equal(Arrived, found[0].InternalDate!.Value.UtcDateTime);
        }

        async Task<JsonElement> TrustingAsync(string password)
        {
            var outcome = await Peer.RunAsync("dotnet", [ServerProcess.Program, .. import, "--data", server.Folder], password + "\n", environment: new Dictionary<string, string> { ["SSL_CERT_FILE"] = old.CertificateAuthority });
            Assert.True(outcome.ExitCode == 0, outcome.Errors);
            using var json = JsonDocument.Parse(outcome.Output);
            return json.RootElement.Clone();
        }
    }

    private static async Task KeepAsync(string maildir, string name, string content)
    {
        var file = Path.Combine(maildir, name);
        var folder = Path.GetDirectoryName(Path.GetDirectoryName(file))!;
        foreach (var each in (string[])["cur", "new", "tmp"]) Directory.CreateDirectory(Path.Combine(folder, each));
        await File.WriteAllTextAsync(file, content);
        File.SetLastWriteTimeUtc(file, Arrived + TimeSpan.FromSeconds(content.Contains("first", StringComparison.Ordinal) ? 0 : 10));
    }

    private static async Task<string> PythonAsync(string script)
    {
        Peer.Need("python3");
        var outcome = await Peer.RunAsync("python3", ["-c", script]);
        Assert.True(outcome.ExitCode == 0, outcome.Errors);
        return outcome.Output;
    }

    private static async Task<JsonElement> JsonAsync(InstalledServer server, params string[] arguments)
    {
        var outcome = await server.CommandAsync(null, [.. arguments, "--json"]);
        Assert.True(outcome.ExitCode == 0, outcome.Errors + outcome.Output);
        // Peer reads octets.
        using var json = JsonDocument.Parse(System.Text.Encoding.Latin1.GetBytes(outcome.Output));
        return json.RootElement.Clone();
    }

    private static IEnumerable<string> Counts(JsonElement imported) =>
        imported.EnumerateArray().Select(each => $"{each.GetProperty("mailbox").GetString()} {each.GetProperty("added").GetInt32()}/{each.GetProperty("known").GetInt32()}");
}

internal static class PythonText
{
    /// <summary>As a literal of Python.</summary>
    internal static string Quoted(this string text) => JsonSerializer.Serialize(text);
}
