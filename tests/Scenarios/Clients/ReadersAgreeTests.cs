using System.Text;
using MailKit;
using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Clients;

/// <summary>The same mailbox read by clients of four different makers; all must see the same octets, and those that were sent.</summary>
public sealed partial class ReadersAgreeTests(ReadersAgreeTests.FilledMailbox filled) : IClassFixture<ReadersAgreeTests.FilledMailbox>
{
    private const string Account = "bob@demo.test";

    private DemoServer Server => filled.Server;

    [Fact]
    public void MailKit_reads_what_was_sent()
    {
        Assert.Equal(filled.Sent.Count, filled.Read.Count);
        foreach (var (sent, read) in filled.Sent.Zip(filled.Read))
        {
            Assert.True(read.Content.AsSpan().EndsWith(sent), Encoding.Latin1.GetString(read.Content));
        }
    }

    [Fact]
    public async Task Curl_reads_the_same_octets()
    {
        Peer.Need("curl");
        foreach (var (uid, content) in filled.Read)
        {
            var file = Path.Combine(Server.Folder, $"curl-{uid}.eml");
            var outcome = await Peer.RunAsync("curl", ["--silent", "--show-error", "--cacert", Server.CertificateAuthority, "--user", $"{Account}:{Server.Passwords[Account]}", "--output", file, $"imaps://localhost:{Server.Ports["imaps"]}/INBOX;UID={uid}"]);
            Assert.True(outcome.ExitCode == 0, outcome.Errors);
            Assert.Equal(content, await File.ReadAllBytesAsync(file));
        }
    }

    [Fact]
    public async Task Pythons_imaplib_reads_the_same_octets()
    {
        Peer.Need("python3");
        const string script = """
            import imaplib, os, ssl, sys
            host, port, ca, user, folder = sys.argv[1:6]
            box = imaplib.IMAP4_SSL(host, int(port), ssl_context=ssl.create_default_context(cafile=ca))
            box.login(user, os.environ["IMAP_PASSWORD"])
            box.select("INBOX", readonly=True)
            status, found = box.uid("search", None, "ALL")
            for uid in found[0].split():
                status, data = box.uid("fetch", uid, "(BODY.PEEK[] RFC822.SIZE)")
                assert f"RFC822.SIZE {len(data[0][1])}".encode() in data[0][0] + b"".join(d for d in data if isinstance(d, bytes)), data[0][0]
                open(os.path.join(folder, f"imaplib-{uid.decode()}.eml"), "wb").write(data[0][1])
            box.logout()
            """;
        var outcome = await Peer.RunAsync("python3", ["-c", script, "localhost", Server.Ports["imaps"].ToString(), Server.CertificateAuthority, Account, Server.Folder],
            environment: new Dictionary<string, string> { ["IMAP_PASSWORD"] = Server.Passwords[Account] });
        Assert.True(outcome.ExitCode == 0, outcome.Errors);
        foreach (var (uid, content) in filled.Read)
        {
            Assert.Equal(content, await File.ReadAllBytesAsync(Path.Combine(Server.Folder, $"imaplib-{uid}.eml")));
        }
    }

    [Fact]
    public async Task Mbsync_mirrors_the_same_lines()
    {
        Peer.Need("mbsync");
        var maildir = Path.Combine(Server.Folder, "mirror");
        System.IO.Directory.CreateDirectory(maildir);
        var configuration = Path.Combine(Server.Folder, "mbsyncrc");
        await File.WriteAllTextAsync(configuration, $"""
            IMAPAccount demo
            Host localhost
            Port {Server.Ports["imaps"]}
            User {Account}
            Pass {Server.Passwords[Account]}
            SSLType IMAPS
            CertificateFile {Server.CertificateAuthority}

            IMAPStore far
            Account demo

            MaildirStore near
            Path {maildir}/
            Inbox {maildir}/INBOX

            Channel demo
            Far :far:
            Near :near:
            Create Near
            Sync Pull
            SyncState *

            """);
        var outcome = await Peer.RunAsync("mbsync", ["--config", configuration, "demo"]);
        Assert.True(outcome.ExitCode == 0, outcome.Output + outcome.Errors);
        var mirrored = new[] { "new", "cur" }
            .Select(folder => Path.Combine(maildir, "INBOX", folder))
            .SelectMany(System.IO.Directory.GetFiles)
            // mbsync marks what it copies with a header line of its own until it knows the copy's uid.
            .Select(file => MarkOfMbsync().Replace(Lines(File.ReadAllBytes(file)), ""))
            .Order(StringComparer.Ordinal);
        // A Maildir holds LF lines: the one change mbsync makes on the way.
        Assert.Equal(filled.Read.Select(read => Lines(read.Content)).Order(StringComparer.Ordinal), mirrored);

        static string Lines(byte[] content) => Encoding.Latin1.GetString(content).Replace("\r\n", "\n", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Neomutt_opens_the_mailbox_in_a_terminal()
    {
        Peer.Need("neomutt");
        Peer.Need("python3");
        var configuration = Path.Combine(Server.Folder, "neomuttrc");
        await File.WriteAllTextAsync(configuration, $"""
            set imap_user="{Account}"
            set imap_pass="{Server.Passwords[Account]}"
            set ssl_ca_certificates_file="{Server.CertificateAuthority}"
            set folder="imaps://localhost:{Server.Ports["imaps"]}/"
            set spoolfile="+INBOX"
            set header_cache=""
            set sort=date-received

            """);
        // A terminal of 24 by 100; waits until the subject stands on the screen, opens the message, waits for its text, quits.
        const string script = """
            import os, pty, select, struct, fcntl, termios, sys, time
            pid, fd = pty.fork()
            if pid == 0:
                os.environ.update(TERM="xterm", LANG="C.UTF-8", HOME=sys.argv[2])
                os.execvp("neomutt", ["neomutt", "-n", "-F", sys.argv[1]])
            fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
            seen = b""
            def wait_for(text):
                global seen
                end = time.time() + 60
                while text not in seen:
                    if time.time() > end or not select.select([fd], [], [], max(0, end - time.time()))[0]:
                        sys.exit("not seen: %r in %r" % (text, seen[-2000:]))
                    seen += os.read(fd, 65536)
                seen = b""
            wait_for(b"Ordinary words")
            os.write(fd, b"1\n\n")
            wait_for(b"nothing unusual")
            os.write(fd, b"qxy")
            os.write(fd, b"q")
            os.waitpid(pid, 0)
            """;
        var outcome = await Peer.RunAsync("python3", ["-c", script, configuration, Server.Folder]);
        Assert.True(outcome.ExitCode == 0, outcome.Errors);
    }

    [System.Text.RegularExpressions.GeneratedRegex("^X-TUID: .{12}\n", System.Text.RegularExpressions.RegexOptions.Multiline)]
    private static partial System.Text.RegularExpressions.Regex MarkOfMbsync();

    /// <summary>Bob's inbox holding a message of each awkward kind, and MailKit's reading of it.</summary>
    public sealed class FilledMailbox : IAsyncLifetime
    {
        public DemoServer Server { get; private set; } = null!;

        public List<byte[]> Sent { get; } = [];

        public List<(uint Uid, byte[] Content)> Read { get; private set; } = [];

        public async ValueTask InitializeAsync()
        {
            Server = await DemoServer.StartAsync("--no-scene");
            var header = "From: Alice <alice@demo.test>\r\nTo: bob@demo.test\r\nDate: Tue, 24 Nov 2026 10:00:00 +0000\r\n";
            string[] bodies =
            [
                "Subject: Ordinary words\r\nMessage-ID: <1@demo.test>\r\n\r\nHello Bob, nothing unusual.\r\n",
                "Subject: Dots\r\nMessage-ID: <2@demo.test>\r\n\r\n.\r\n..\r\n.leading\r\n...\r\n",
                "Subject: Eight bits\r\nMessage-ID: <3@demo.test>\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\n\u00e9\u00e8\u00fc \u00ff\r\n",
                "Subject: No body\r\nMessage-ID: <4@demo.test>\r\n\r\n",
                "Subject: Long line\r\nMessage-ID: <5@demo.test>\r\n\r\n" + new string('x', 20000) + "\r\n",
                "Subject: Parts\r\nMessage-ID: <6@demo.test>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\npreamble\r\n--b\r\nContent-Type: multipart/alternative; boundary=c\r\n\r\n--c\r\n\r\nplain\r\n--c\r\nContent-Type: text/html\r\n\r\n<p>rich\r\n--c--\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\ninner body\r\n--b--\r\nepilogue\r\n",
                "Subject: Broken parts\r\nMessage-ID: <7@demo.test>\r\nContent-Type: multipart/mixed; boundary=never\r\n\r\nno boundary ever comes\r\n",
                "Subject: Odd white space \t \r\nMessage-ID: <8@demo.test>\r\nX-Folded: a\r\n b\r\n\tc\r\n\r\n \t \r\n\r\n\r\n",
            ];
            await using var smtp = await RawSmtp.SubmitAsync(Server, "alice@demo.test");
            foreach (var body in bodies)
            {
                var message = Encoding.Latin1.GetBytes(header + body);
                Sent.Add(message);
                Assert.StartsWith("250", await smtp.SendAsync("alice@demo.test", Account, message));
            }
            using var client = await Mailbox.OpenAsync(Server, Account);
            Read = await Mailbox.ContentsAsync(client.Inbox ?? throw new InvalidOperationException("no inbox"));
        }

        public ValueTask DisposeAsync() => Server.DisposeAsync();
    }
}
