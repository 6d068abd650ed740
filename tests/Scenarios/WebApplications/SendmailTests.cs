using System.Text.Json;
using MailKit;
using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.WebApplications;

/// <summary>The stand-in for sendmail without PHP: cron, SMTP on standard input, and a mail host elsewhere.</summary>
public sealed class SendmailTests
{
    [Fact]
    public async Task Programs_of_no_site_reach_this_servers_people_and_nobody_else()
    {
        await using var host = await WebHost.StartAsync();
        // As cron writes it.
        var cron = await host.SendmailAsync("From: root (Cron Daemon)\nTo: root\nSubject: Cron <root@web> backup\n\nDone.\n", "-i", "-FCronDaemon", "-B8BITMIME", "-oem", "root");
        Assert.True(cron.ExitCode == 0, cron.Errors);
        using var boss = await Mailbox.OpenAsync(host.Server, InstalledServer.Administrator);
        await boss.Inbox!.OpenAsync(FolderAccess.ReadOnly);
        var message = await boss.Inbox.GetMessageAsync(0);
        Assert.Equal("Cron <root@web> backup", message.Subject);
        Assert.Equal("CronDaemon", message.From.Mailboxes.Single().Name);
        Assert.Equal("root@localhost.company.example", message.From.Mailboxes.Single().Address);

        var outside = await host.SendmailAsync("Subject: s\n\nb\n", "-i", "stranger@elsewhere.example");
        Assert.Equal(77, outside.ExitCode);
        Assert.Contains("belongs to no site", outside.Errors);
        Assert.Contains("sternpost site add", outside.Errors);
        Assert.Equal(77, (await host.SendmailAsync("From: clerk@company.example\nSubject: s\n\nb\n", "-i", "boss@company.example")).ExitCode);
        Assert.Equal(67, (await host.SendmailAsync("Subject: s\n\nb\n", "-i", "nobody@company.example")).ExitCode);
        Assert.Equal(64, (await host.SendmailAsync("Subject: s\n\nb\n", "-i")).ExitCode);
        Assert.Equal(65, (await host.SendmailAsync("Subject: s\n\nb\n", "-i", "<two words@elsewhere.example>")).ExitCode);
        Assert.Empty(host.Sink.Mails);
    }

    [Fact]
    public async Task Swaks_speaks_SMTP_to_it_and_gets_the_servers_answer()
    {
        Peer.Need("swaks");
        await using var host = await WebHost.StartAsync();
        await host.DoAsync("site", "add", "shop@company.example", "--user", Environment.UserName, "--folder", Path.GetDirectoryName(host.Shop)!);
        var pipe = $"dotnet {ServerProcess.Program} sendmail -bs";
        var good = await host.RunAsync("swaks", "--pipe", pipe, "--from", "shop@company.example", "--to", "partner@elsewhere.example", "--header", "Subject: By swaks");
        Assert.True(good.ExitCode == 0, good.Output + good.Errors);
        Assert.Contains("Subject: By swaks", Assert.Single(await host.Sink.WaitAsync(1)).Content);
        var bad = await host.RunAsync("swaks", "--pipe", pipe, "--from", "clerk@company.example", "--to", "partner@elsewhere.example");
        Assert.NotEqual(0, bad.ExitCode);
        Assert.Contains("550", bad.Output);
    }

    [Fact]
    public async Task A_site_elsewhere_signs_in_by_TLS_and_keeps_its_mail_while_the_host_is_away()
    {
        await using var host = await WebHost.StartAsync();
        using var added = JsonDocument.Parse(await host.DoAsync("site", "add", "shop@company.example", "--json"));
        var password = added.RootElement.GetProperty("password").GetString()!;
        var spool = host.Folder("own-spool");
        string Settings(string secret) => $"host = localhost\nport = {host.Server.Ports["submission"]}\nuser = shop@company.example\npassword = {secret}\ncertificate_name = localhost.company.example\nca = {host.Server.CertificateAuthority}\nspool = {spool}\n";
        host.Configure("elsewhere.conf", Settings(password));
        const string Letter = "To: partner@elsewhere.example\nFrom: shop@company.example\nSubject: {0}\n\nHello.\n";
        var sent = await host.SendmailAsync(string.Format(Letter, "One"), "-t", "-i", "-f", "shop@company.example");
        Assert.True(sent.ExitCode == 0, sent.Errors);
        await host.Sink.WaitAsync(1);
        Assert.Contains("as it says itself", await host.TraceAsync("One", "the site shop@company.example"));
        Assert.Equal(77, (await host.SendmailAsync(string.Format(Letter, "Bad").Replace("From: shop", "From: clerk", StringComparison.Ordinal), "-t", "-i", "-f", "shop@company.example")).ExitCode);

        await host.Server.TerminateAsync();
        var kept = await host.SendmailAsync(string.Format(Letter, "Two"), "-t", "-i", "-f", "shop@company.example");
        Assert.Equal(0, kept.ExitCode);
        Assert.Contains("kept in " + spool, kept.Errors);
        Assert.Single(Directory.GetFiles(spool));
        Assert.Equal(75, (await host.SendmailAsync("", "-q")).ExitCode);
        await host.Server.LaunchAsync();
        Assert.Equal(0, (await host.SendmailAsync("", "-q")).ExitCode);
        Assert.Empty(Directory.GetFiles(spool));
        Assert.Equal(["One", "Two"], (await host.Sink.WaitAsync(2)).Select(mail => mail.Content.Split("Subject: ")[1].Split("\r\n")[0]));

        // A host that cannot prove its name gets neither the password nor the mail.
        host.Configure("forged.conf", Settings(password).Replace("certificate_name = localhost.company.example\n", "", StringComparison.Ordinal));
        Assert.Contains("certificate", (await host.SendmailAsync(string.Format(Letter, "Four"), "-t", "-i", "-f", "shop@company.example")).Errors);
        host.Configure("wrong.conf", Settings("not the password"));
        var wrong = await host.SendmailAsync(string.Format(Letter, "Three"), "-t", "-i", "-f", "shop@company.example");
        Assert.Equal(77, wrong.ExitCode);
        Assert.DoesNotContain("not the password", wrong.Errors);
    }

    [Fact]
    public async Task A_sites_password_opens_no_mailbox()
    {
        await using var host = await WebHost.StartAsync();
        using var added = JsonDocument.Parse(await host.DoAsync("site", "add", "shop@company.example", "--json"));
        using var client = new MailKit.Net.Imap.ImapClient
        {
            CheckCertificateRevocation = false,
            ServerCertificateValidationCallback = (_, certificate, _, _) => certificate is System.Security.Cryptography.X509Certificates.X509Certificate2 leaf && host.Server.Trusts(leaf),
        };
        await client.ConnectAsync("localhost", host.Server.Ports["imaps"], MailKit.Security.SecureSocketOptions.SslOnConnect);
        await Assert.ThrowsAsync<MailKit.Security.AuthenticationException>(() => client.AuthenticateAsync("shop@company.example", added.RootElement.GetProperty("password").GetString()!));
        // Bounces and answers to the site come to somebody who reads them.
        await using var smtp = await RawSmtp.ConnectAsync(host.Server.Ports["mx"]);
        Assert.StartsWith("250", await smtp.SendAsync("partner@elsewhere.example", "shop@company.example", "From: partner@elsewhere.example\r\nTo: shop@company.example\r\nSubject: A question\r\nDate: Mon, 02 Mar 2026 09:00:00 +0000\r\nMessage-ID: <q@elsewhere.example>\r\n\r\nHello, where is the order that we talked about on the telephone?\r\n"u8.ToArray()));
        using var boss = await Mailbox.OpenAsync(host.Server, InstalledServer.Administrator);
        Assert.Equal(1, await CountAsync(boss));
    }

    private static async Task<int> CountAsync(MailKit.Net.Imap.ImapClient boss)
    {
        var inbox = boss.Inbox!;
        await inbox.OpenAsync(FolderAccess.ReadOnly);
        var junk = await boss.GetFolderAsync("Junk");
        var count = inbox.Count;
        await junk.OpenAsync(FolderAccess.ReadOnly);
        return count + junk.Count;
    }
}
