using System.Diagnostics;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Search;
using MailKit.Security;
using MimeKit;
using Sternpost.Mailboxes;

namespace Sternpost.Unit.Imap;

/// <summary>The server as clients of other makers see it.</summary>
public class ClientTests
{
    [Theory]
    [InlineData("SCRAM-SHA-256-PLUS")]
    [InlineData("SCRAM-SHA-256")]
    [InlineData("PLAIN")]
    [InlineData("LOGIN")]
    public async Task MailKit_signs_in_by_every_mechanism(string mechanism)
    {
        await using var house = await ImapHouse.OpenAsync();
        using var client = Client();
        await client.ConnectAsync("localhost", house.TlsPort, SecureSocketOptions.SslOnConnect, TestContext.Current.CancellationToken);
        Assert.Contains(mechanism, client.AuthenticationMechanisms);
        client.AuthenticationMechanisms.RemoveWhere(other => other != mechanism);
        await client.AuthenticateAsync("alice@example.test", ImapHouse.Password, TestContext.Current.CancellationToken);
        Assert.True(client.IsAuthenticated);
        await client.DisconnectAsync(true, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task MailKit_is_refused_with_a_wrong_password()
    {
        await using var house = await ImapHouse.OpenAsync();
        using var client = Client();
        await client.ConnectAsync("localhost", house.ClearPort, SecureSocketOptions.StartTls, TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<AuthenticationException>(() => client.AuthenticateAsync("alice@example.test", "wrong", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task MailKit_lives_a_day_in_the_mailbox()
    {
        await using var house = await ImapHouse.OpenAsync();
        using var client = await SignedInAsync(house);
        var cancellation = TestContext.Current.CancellationToken;
        await client.EnableQuickResyncAsync(cancellation);
        Assert.NotNull(client.GetFolder(SpecialFolder.Junk));
        var inbox = client.Inbox!;

        var message = new MimeMessage();
        message.From.Add(new MailboxAddress("Bärbel", "baerbel@example.org"));
        message.To.Add(new MailboxAddress("Alice", "alice@example.test"));
        message.Subject = "Grüße aus Köln";
        message.Body = new BodyBuilder { TextBody = "Schöne Grüße!\r\n", HtmlBody = "<p>Schöne Grüße!</p>", Attachments = { { "a.bin", new byte[] { 0, 1, 2, 3 } } } }.ToMessageBody();
        var uid = await inbox.AppendAsync(message, MailKit.MessageFlags.Flagged, cancellation);
        Assert.NotNull(uid);
        await inbox.OpenAsync(FolderAccess.ReadWrite, cancellation);
        Assert.Equal(1, inbox.Count);

        var summary = (await inbox.FetchAsync(0, -1, MessageSummaryItems.Full | MessageSummaryItems.UniqueId | MessageSummaryItems.BodyStructure | MessageSummaryItems.ModSeq | MessageSummaryItems.EmailId | MessageSummaryItems.PreviewText | MessageSummaryItems.Headers, cancellation)).Single();
        Assert.Equal("Grüße aus Köln", summary.Envelope!.Subject);
        Assert.Equal("Bärbel", summary.Envelope.From[0].Name);
        Assert.Equal("a.bin", summary.Attachments.Single().FileName);
        Assert.StartsWith("Schöne Grüße!", summary.PreviewText);
        Assert.Equal(MailKit.MessageFlags.Flagged, summary.Flags);
        Assert.NotNull(summary.ModSeq);
        var attachment = (MimePart)await inbox.GetBodyPartAsync(summary.UniqueId, summary.Attachments.Single(), cancellation);
        using var content = new MemoryStream();
        await attachment.Content!.DecodeToAsync(content, cancellation);
        Assert.Equal([0, 1, 2, 3], content.ToArray());

        var whole = await inbox.GetMessageAsync(summary.UniqueId, cancellation);
        Assert.Equal("Schöne Grüße!\r\n", whole.TextBody!.ReplaceLineEndings("\r\n"));
        Assert.Equal([uid.Value], await inbox.SearchAsync(SearchQuery.BodyContains("schöne").And(SearchQuery.FromContains("bärbel")), cancellation));
        Assert.Equal([uid.Value], await inbox.SortAsync(SearchQuery.All, [OrderBy.ReverseDate, OrderBy.Subject], cancellation));
        Assert.Single(await inbox.ThreadAsync(ThreadingAlgorithm.References, SearchQuery.All, cancellation));

        await inbox.AddFlagsAsync(uid.Value, MailKit.MessageFlags.Seen, new HashSet<string> { "$Label1" }, true, cancellation);
        var archive = await client.GetFolderAsync("Archive", cancellation);
        var project = await archive.CreateAsync("Projekt Ä & Ö", true, cancellation);
        var moved = await inbox.MoveToAsync(uid.Value, project!, cancellation);
        Assert.NotNull(moved);
        Assert.Equal(0, inbox.Count);
        await project!.OpenAsync(FolderAccess.ReadWrite, cancellation);
        var there = (await project.FetchAsync(0, -1, MessageSummaryItems.Flags, cancellation)).Single();
        Assert.Equal(MailKit.MessageFlags.Flagged | MailKit.MessageFlags.Seen, there.Flags);
        Assert.Contains("$Label1", there.Keywords!);
        await project.AddFlagsAsync(0, MailKit.MessageFlags.Deleted, true, cancellation);
        await project.ExpungeAsync(cancellation);
        Assert.Equal(0, project.Count);
        await project.CloseAsync(false, cancellation);
        await project.DeleteAsync(cancellation);
        await client.DisconnectAsync(true, cancellation);
    }

    [Fact]
    public async Task MailKit_resynchronises_and_idles()
    {
        await using var house = await ImapHouse.OpenAsync();
        await house.AppendAsync("INBOX", [.. Enumerable.Range(1, 5).Select(ImapHouse.Letter)]);
        var cancellation = TestContext.Current.CancellationToken;
        uint validity;
        ulong modSeq;
        IList<UniqueId> uids;
        using (var client = await SignedInAsync(house))
        {
            await client.EnableQuickResyncAsync(cancellation);
            await client.Inbox!.OpenAsync(FolderAccess.ReadOnly, cancellation);
            (validity, modSeq) = (client.Inbox.UidValidity, client.Inbox.HighestModSeq);
            uids = await client.Inbox.SearchAsync(SearchQuery.All, cancellation);
        }
        await using var other = await house.SelectAsync();
        await other.CommandAsync("STORE 2 +FLAGS (\\Deleted)");
        await other.CommandAsync("EXPUNGE");
        await other.CommandAsync("STORE 1 +FLAGS (\\Seen)");
        using var back = await SignedInAsync(house);
        await back.EnableQuickResyncAsync(cancellation);
        var vanished = new List<UniqueId>();
        var changed = new List<UniqueId>();
        back.Inbox!.MessagesVanished += (_, gone) => vanished.AddRange(gone.UniqueIds);
        back.Inbox.MessageFlagsChanged += (_, flags) => changed.Add(flags.UniqueId!.Value);
        await back.Inbox.OpenAsync(FolderAccess.ReadOnly, validity, modSeq, uids, cancellation);
        Assert.Equal([2u], vanished.Select(uid => uid.Id));
        Assert.Equal([1u], changed.Select(uid => uid.Id));

        var heard = new TaskCompletionSource();
        back.Inbox.CountChanged += (_, _) => heard.TrySetResult();
        using var done = new CancellationTokenSource();
        var idle = back.IdleAsync(done.Token, cancellation);
        await house.AppendAsync("INBOX", ImapHouse.Letter(6));
        await heard.Task.WaitAsync(TimeSpan.FromSeconds(20), cancellation);
        await done.CancelAsync();
        await idle;
        Assert.Equal(5, back.Inbox.Count);
    }

    [Fact]
    public async Task Pythons_imaplib_reads_and_writes()
    {
        await using var house = await ImapHouse.OpenAsync();
        await house.AppendAsync("INBOX", ImapHouse.Letter(1), ImapHouse.Letter(2));
        const string script = """
            import imaplib, ssl, sys, time
            context = ssl.create_default_context(); context.check_hostname = False; context.verify_mode = ssl.CERT_NONE
            def ok(answer):
                assert answer[0] == 'OK', answer
                return answer[1]
            imap = imaplib.IMAP4('127.0.0.1', int(sys.argv[1]))
            ok(imap.starttls(context))
            ok(imap.login('alice@example.test', sys.argv[2]))
            assert ok(imap.select('INBOX')) == [b'2']
            assert ok(imap.search(None, 'SUBJECT', '"Letter 2"')) == [b'2']
            head, body = ok(imap.fetch('1', '(RFC822.SIZE BODY.PEEK[])'))[0]
            assert len(body) == int(head.split()[2]), (head, len(body))
            assert b'This is letter 1.' in body
            ok(imap.append('INBOX', '(\\Seen)', imaplib.Time2Internaldate(time.time()), b'Subject: three\r\n\r\nthree\r\n'))
            ok(imap.noop())
            ok(imap.store('3', '+FLAGS', '(\\Deleted)'))
            assert ok(imap.expunge()) == [b'3']
            ok(imap.copy('1:2', 'Archive'))
            ok(imap.create('"Python"')); ok(imap.subscribe('"Python"'))
            assert any(b'Python' in line for line in ok(imap.lsub()))
            assert b'MESSAGES 2' in ok(imap.status('Archive', '(MESSAGES)'))[0]
            assert ok(imap.uid('SORT', '(REVERSE DATE)', 'UTF-8', 'ALL')) == [b'2 1']
            ok(imap.delete('"Python"')); ok(imap.close()); imap.logout()
            print('read and written')
            """;
        await RunAsync("python3", ["-c", script, $"{house.ClearPort}", ImapHouse.Password], "read and written");
    }

    [Fact]
    public async Task Curl_lists_and_fetches()
    {
        await using var house = await ImapHouse.OpenAsync();
        await house.AppendAsync("INBOX", ImapHouse.Letter(1));
        string[] common = ["--silent", "--show-error", "--insecure", "--user", $"alice@example.test:{ImapHouse.Password}"];
        await RunAsync("curl", [.. common, $"imaps://127.0.0.1:{house.TlsPort}/INBOX;UID=1"], "This is letter 1.");
        await RunAsync("curl", [.. common, $"imaps://127.0.0.1:{house.TlsPort}/"], "\\Junk");
        await RunAsync("curl", [.. common, "--ssl-reqd", $"imap://127.0.0.1:{house.ClearPort}/INBOX?SUBJECT%20Letter"], "* SEARCH 1");
    }

    private static async Task RunAsync(string program, string[] arguments, string expected)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        Process? process = null;
        try
        {
            process = Process.Start(start);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip($"{program} is not installed.");
        }
        using (process)
        {
            var error = process!.StandardError.ReadToEndAsync();
            var output = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            Assert.True(process.ExitCode == 0, $"{program}: {await error}");
            Assert.Contains(expected, output);
        }
    }

    private static async Task<ImapClient> SignedInAsync(ImapHouse house)
    {
        var client = Client();
        await client.ConnectAsync("localhost", house.TlsPort, SecureSocketOptions.SslOnConnect);
        await client.AuthenticateAsync("alice@example.test", ImapHouse.Password);
        return client;
    }

    private static ImapClient Client() => new()
    {
        ServerCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == "CN=localhost",
        CheckCertificateRevocation = false,
    };
}
