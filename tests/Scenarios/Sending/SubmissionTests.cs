using System.Text;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Sending;

/// <summary>Users send: to one another, and to the world through the queue.</summary>
public sealed class SubmissionTests
{
    [Theory]
    [InlineData("submission", SecureSocketOptions.StartTls)]
    [InlineData("submissions", SecureSocketOptions.SslOnConnect)]
    public async Task Alice_writes_to_Bob_and_Bob_reads_it(string port, SecureSocketOptions security)
    {
        await using var server = await DemoServer.StartAsync("--no-scene");
        await SendAsync(server, port, security, "alice@demo.test", "bob@demo.test", "Lunch?");
        using var bob = await Mailbox.OpenAsync(server, "bob@demo.test");
        await bob.Inbox!.OpenAsync(FolderAccess.ReadOnly);
        var message = await bob.Inbox.GetMessageAsync(0);
        Assert.Equal("Lunch?", message.Subject);
        Assert.Equal("<alice@demo.test>", message.Headers[HeaderId.ReturnPath]);
        // RFC 3848: ESMTPSA says TLS and signed in.
        Assert.Contains("with ESMTPSA", message.Headers[HeaderId.Received]);
    }

    [Fact]
    public async Task Mail_for_the_world_leaves_through_the_queue_signed()
    {
        await using var sink = new SmtpSink();
        await using var server = await InstalledServer.StartAsync(Relay(sink), "clerk@company.example");
        await SendAsync(server, "submissions", SecureSocketOptions.SslOnConnect, "clerk@company.example", "partner@elsewhere.example", "The contract");
        var taken = Assert.Single(await sink.WaitAsync(1));
        Assert.Equal("clerk@company.example", taken.ReversePath);
        Assert.Equal(["partner@elsewhere.example"], taken.Recipients);
        Assert.Contains("Subject: The contract\r\n", taken.Content);
        Assert.Contains("a=rsa-sha256", taken.Content);
        Assert.Contains("a=ed25519-sha256", taken.Content);
        Assert.Contains("d=company.example", taken.Content);
        await Wait.UntilAsync(async () => (await server.CommandAsync(null, "queue", "list", "--json")).Output.Trim() == "[]");
    }

    [Fact]
    public async Task Who_writes_to_an_address_that_is_gone_is_told_at_once()
    {
        await using var server = await InstalledServer.StartAsync("", "clerk@company.example");
        Assert.Equal(0, (await server.CommandAsync(null, "suppression", "add", "gone@elsewhere.example", "--reason", "left the company")).ExitCode);
        await using (var smtp = await RawSmtp.SubmitAsync(server, "clerk@company.example"))
        {
            Assert.StartsWith("250", await smtp.CommandAsync("MAIL FROM:<clerk@company.example>"));
            var told = await smtp.CommandAsync("RCPT TO:<gone@elsewhere.example>");
            Assert.StartsWith("550 5.1.1 <gone@elsewhere.example>", told);
            Assert.Contains("sternpost suppression remove gone@elsewhere.example", told);
            Assert.StartsWith("250", await smtp.CommandAsync("RCPT TO:<there@elsewhere.example>"));
        }
        Assert.Contains("left the company", (await server.CommandAsync(null, "suppression", "list")).Output);
        Assert.Equal(0, (await server.CommandAsync(null, "suppression", "remove", "gone@elsewhere.example")).ExitCode);
        await using var again = await RawSmtp.SubmitAsync(server, "clerk@company.example");
        await again.CommandAsync("MAIL FROM:<clerk@company.example>");
        Assert.StartsWith("250", await again.CommandAsync("RCPT TO:<gone@elsewhere.example>"));
    }

    [Fact]
    public async Task Mail_queued_while_the_world_is_away_leaves_after_a_restart()
    {
        var sink = new SmtpSink();
        var port = sink.Port;
        await sink.DisposeAsync();
        await using var server = await InstalledServer.StartAsync($"queue.smarthost = \"127.0.0.1\"\nqueue.smarthost_port = {port}\nqueue.smarthost_tls = \"none\"\nqueue.retry = [\"1s\"]", "clerk@company.example");
        await SendAsync(server, "submissions", SecureSocketOptions.SslOnConnect, "clerk@company.example", "partner@elsewhere.example", "In the meantime");
        Assert.Equal(0, await server.TerminateAsync());
        await using var back = new SmtpSink(port);
        await server.LaunchAsync();
        Assert.Contains("Subject: In the meantime\r\n", Assert.Single(await back.WaitAsync(1)).Content);
    }

    [Fact]
    public async Task Mail_the_world_refuses_comes_back_with_the_reason()
    {
        await using var sink = new SmtpSink { Refuse = "550 5.1.1 No such person here" };
        await using var server = await InstalledServer.StartAsync(Relay(sink), "clerk@company.example");
        await SendAsync(server, "submissions", SecureSocketOptions.SslOnConnect, "clerk@company.example", "nobody@elsewhere.example", "Are you there?");
        using var clerk = await Mailbox.OpenAsync(server, "clerk@company.example");
        await clerk.Inbox!.OpenAsync(FolderAccess.ReadOnly);
        await Mailbox.WaitForMailAsync(clerk);
        var notification = await clerk.Inbox.GetMessageAsync(0);
        // RFC 3464 §2: a multipart/report of type delivery-status.
        Assert.Equal("multipart/report", notification.Body!.ContentType.MimeType);
        Assert.Contains("nobody@elsewhere.example", notification.TextBody);
        Assert.Contains("No such person here", Encoding.Latin1.GetString(await Mailbox.ContentAsync(clerk.Inbox, 0)));
    }

    [Fact]
    public async Task The_demo_never_sends_beyond_this_computer()
    {
        await using var server = await DemoServer.StartAsync("--no-scene");
        await SendAsync(server, "submissions", SecureSocketOptions.SslOnConnect, "alice@demo.test", "friend@elsewhere.example", "Postcard");
        using var alice = await Mailbox.OpenAsync(server, "alice@demo.test");
        await alice.Inbox!.OpenAsync(FolderAccess.ReadOnly);
        await Mailbox.WaitForMailAsync(alice);
        Assert.Contains("friend@elsewhere.example", (await alice.Inbox.GetMessageAsync(0)).TextBody);
    }

    private static string Relay(SmtpSink sink) => $"queue.smarthost = \"127.0.0.1\"\nqueue.smarthost_port = {sink.Port}\nqueue.smarthost_tls = \"none\"";

    private static async Task SendAsync(IMailServer server, string port, SecureSocketOptions security, string from, string to, string subject)
    {
        using var client = new SmtpClient
        {
            CheckCertificateRevocation = false,
            ServerCertificateValidationCallback = (_, certificate, _, _) => certificate is System.Security.Cryptography.X509Certificates.X509Certificate2 leaf && server.Trusts(leaf),
        };
        await client.ConnectAsync("localhost", server.Ports[port], security);
        await client.AuthenticateAsync(from, server.Passwords[from]);
        using var message = new MimeMessage { Subject = subject, Body = new TextPart("plain") { Text = "Hello,\n\nas we said.\n" } };
        message.From.Add(MailboxAddress.Parse(from));
        message.To.Add(MailboxAddress.Parse(to));
        await client.SendAsync(message);
        await client.DisconnectAsync(true);
    }
}
