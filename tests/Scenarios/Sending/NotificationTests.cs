using System.Net.Sockets;
using MailKit;
using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Sending;

/// <summary>Notifications as other programs take and read them: a real Postfix, and Python's parser.</summary>
public sealed class NotificationTests
{
    // The fields of RFC 3464, one a line, as a parser nobody here wrote finds them.
    private const string Reader = """
        import email, email.policy, sys
        message = email.message_from_binary_file(sys.stdin.buffer, policy=email.policy.default)
        assert not message.defects, message.defects
        print("type", message.get_content_type(), message.get_param("report-type"))
        print("auto", message["Auto-Submitted"])
        for part in message.walk():
            assert not part.defects, part.defects
            if part.get_content_type() in ("message/delivery-status", "message/global-delivery-status"):
                print("status", part.get_content_type())
                for group in part.get_payload() if part.is_multipart() else []:
                    for name, value in group.items(): print(name, value)
            # The groups of fields count as parts of their own here, without content.
            elif part.get_content_type() == "text/plain" and part.get_content().strip(): print("first", part.get_content().splitlines()[0])
            elif part.get_content_type() != "text/plain": print("part", part.get_content_type())
        """;

    [Fact]
    public async Task A_bounce_in_a_mailbox_is_read_by_Python()
    {
        Peer.Need("python3");
        await using var sink = new SmtpSink { Refuse = "550 5.1.1 There is no such user" };
        await using var server = await InstalledServer.StartAsync($"queue.routes = [\"elsewhere.example=127.0.0.1:{sink.Port}\"]", "clerk@company.example");
        await using (var smtp = await RawSmtp.SubmitAsync(server, "clerk@company.example"))
        {
            Assert.StartsWith("250", await smtp.SendAsync("clerk@company.example", "partner@elsewhere.example", "From: clerk@company.example\r\nTo: partner@elsewhere.example\r\nSubject: Offer\r\nMessage-ID: <offer@company.example>\r\n\r\nHello.\r\n"u8.ToArray()));
        }
        using var clerk = await Mailbox.OpenAsync(server, "clerk@company.example");
        await clerk.Inbox!.OpenAsync(FolderAccess.ReadOnly);
        await Mailbox.WaitForMailAsync(clerk);
        using var octets = new MemoryStream();
        await (await clerk.Inbox.GetMessageAsync(0)).WriteToAsync(octets);
        var read = await ReadAsync(octets.ToArray());
        Assert.Contains("type multipart/report delivery-status", read);
        Assert.Contains("auto auto-replied", read);
        Assert.Contains("first Your message to partner@elsewhere.example was not delivered:", read);
        Assert.Contains("Final-Recipient rfc822; partner@elsewhere.example", read);
        Assert.Contains("Action failed", read);
        Assert.Contains("Status 5.1.1", read);
        Assert.Contains("Diagnostic-Code smtp; 550 5.1.1 There is no such user", read);

        // And our own reader says the same of the file.
        var file = Path.Combine(server.Folder, "bounce.eml");
        await File.WriteAllBytesAsync(file, octets.ToArray());
        var explained = await server.CommandAsync(null, "queue", "explain", file);
        Assert.Contains("partner@elsewhere.example: failed: there is no mailbox with that name at elsewhere.example", explained.Output);
    }

    [Fact]
    public async Task A_bounce_that_leaves_is_taken_by_Postfix()
    {
        Peer.Need("postfix");
        Peer.Need("python3");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Postfix is started by root only.");
        await using var sink = new SmtpSink { Refuse = "550 5.7.1 Refused as spam" };
        await using var postfix = await ReceivingPostfix.StartAsync("origin.example");
        await using var server = await InstalledServer.StartAsync($"""
            queue.routes = ["elsewhere.example=127.0.0.1:{sink.Port}", "origin.example=127.0.0.1:{postfix.Port}"]
            queue.forward_below = 100.0
            filter.greylist = false
            filter.refuse = false
            """, "clerk@company.example");
        Assert.Equal(0, (await server.CommandAsync(null, "alias", "add", "far@company.example", "friend@elsewhere.example")).ExitCode);
        // A command is a process of its own, of whose change the server hears within a second.
        await Wait.UntilAsync(async () =>
        {
            var reply = await ForwardAsync();
            if (reply.StartsWith("250", StringComparison.Ordinal)) return true;
            Assert.StartsWith("550 5.1.1", reply);
            return false;
        });
        var taken = await postfix.WaitAsync();
        var read = await ReadAsync(taken);
        Assert.Contains("type multipart/report delivery-status", read);
        Assert.Contains("Action failed", read);
        Assert.Contains("Status 5.7.1", read);
        Assert.StartsWith("Return-Path: <>", System.Text.Encoding.ASCII.GetString(taken));

        async Task<string> ForwardAsync()
        {
            await using var smtp = await RawSmtp.ConnectAsync(server.Ports["mx"]);
            return await smtp.SendAsync("writer@origin.example", "far@company.example", "From: writer@origin.example\r\nTo: far@company.example\r\nSubject: Forward me\r\nMessage-ID: <fwd@origin.example>\r\nDate: Mon, 2 Feb 2026 10:00:00 +0000\r\n\r\nHello.\r\n"u8.ToArray());
        }
    }

    private static async Task<string> ReadAsync(byte[] message)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllBytesAsync(file, message);
        var read = await Peer.RunAsync("sh", ["-c", "python3 -c \"$1\" < \"$2\"", "sh", Reader, file]);
        File.Delete(file);
        Assert.True(read.ExitCode == 0, read.Errors);
        return read.Output;
    }

    /// <summary>A Postfix that takes mail for one domain into a Maildir.</summary>
    private sealed class ReceivingPostfix : IAsyncDisposable
    {
        private readonly string folder = Directory.CreateTempSubdirectory("sternpost-postfix-").FullName;
        private ServerProcess? master;

        internal int Port { get; } = Ports.Free();

        internal static async Task<ReceivingPostfix> StartAsync(string domain)
        {
            var postfix = new ReceivingPostfix();
            var folder = postfix.folder;
            foreach (var name in new[] { "conf", "spool", "data", "mail" }) Directory.CreateDirectory(Path.Combine(folder, name));
            await File.WriteAllTextAsync(Path.Combine(folder, "conf/main.cf"), $"""
                compatibility_level = 3.6
                queue_directory = {folder}/spool
                data_directory = {folder}/data
                command_directory = /usr/sbin
                daemon_directory = /usr/lib/postfix/sbin
                mail_owner = postfix
                setgid_group = postdrop
                maillog_file = {folder}/log
                maillog_file_prefixes = {folder}
                myhostname = mx.{domain}
                mydestination =
                alias_maps =
                inet_interfaces = 127.0.0.1
                inet_protocols = ipv4
                mynetworks = 127.0.0.99/32
                strict_rfc821_envelopes = yes
                virtual_mailbox_domains = {domain}
                virtual_mailbox_base = {folder}/mail
                virtual_mailbox_maps = static:user/
                virtual_uid_maps = static:65534
                virtual_gid_maps = static:65534
                """ + "\n");
            await File.WriteAllTextAsync(Path.Combine(folder, "conf/master.cf"), $"""
                127.0.0.1:{postfix.Port} inet n  -       n       -       -       smtpd
                cleanup   unix  n       -       n       -       0       cleanup
                qmgr      unix  n       -       n       300     1       qmgr
                rewrite   unix  -       -       n       -       -       trivial-rewrite
                bounce    unix  -       -       n       -       0       bounce
                defer     unix  -       -       n       -       0       bounce
                proxymap  unix  -       -       n       -       -       proxymap
                virtual   unix  -       n       n       -       -       virtual
                error     unix  -       -       n       -       -       error
                retry     unix  -       -       n       -       -       error
                anvil     unix  -       -       n       -       1       anvil
                postlog   unix-dgram n  -       n       -       1       postlogd
                """ + "\n");
            var owned = await Peer.RunAsync("sh", ["-ec", "chmod 755 \"$1\"; chown postfix \"$1/data\"; chown nobody \"$1/mail\"; postfix -c \"$1/conf\" check", "sh", folder]);
            Assert.True(owned.ExitCode == 0, owned.Errors);
            postfix.master = ServerProcess.StartProgram("/usr/lib/postfix/sbin/master", ["-c", Path.Combine(folder, "conf"), "-d"]);
            await postfix.master.WaitAsync(async () =>
            {
                using var client = new TcpClient();
                try
                {
                    await client.ConnectAsync("127.0.0.1", postfix.Port);
                    return true;
                }
                catch (SocketException)
                {
                    return false;
                }
            });
            return postfix;
        }

        /// <summary>The first message delivered.</summary>
        internal async Task<byte[]> WaitAsync()
        {
            var box = Path.Combine(folder, "mail/user/new");
            await Wait.UntilAsync(() => Directory.Exists(box) && Directory.GetFiles(box).Length > 0);
            return await File.ReadAllBytesAsync(Directory.GetFiles(box)[0]);
        }

        public async ValueTask DisposeAsync()
        {
            if (master is not null) await master.TerminateAsync();
            master?.Dispose();
            Directory.Delete(folder, recursive: true);
        }
    }
}
