using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Transport;

/// <summary>A Postfix at a node of the lab, as its documentation sets it up for DANE.</summary>
internal sealed class LabPostfix(TransportLab lab, string node, string address, string domain)
{
    private string Folder => Path.Combine(lab.Folder, "postfix");

    private string Configuration => Path.Combine(Folder, "conf");

    internal string Log => File.Exists(Path.Combine(Folder, "log")) ? File.ReadAllText(Path.Combine(Folder, "log")) : "";

    internal async Task StartAsync()
    {
        foreach (var folder in new[] { "conf", "spool", "data", "mail" }) Directory.CreateDirectory(Path.Combine(Folder, folder));
        await File.WriteAllTextAsync(Path.Combine(Configuration, "main.cf"), $"""
            compatibility_level = 3.6
            queue_directory = {Folder}/spool
            data_directory = {Folder}/data
            command_directory = /usr/sbin
            daemon_directory = /usr/lib/postfix/sbin
            mail_owner = postfix
            setgid_group = postdrop
            maillog_file = {Folder}/log
            maillog_file_prefixes = {Folder}
            myhostname = mail.{domain}
            mydestination =
            mynetworks = 127.0.0.0/8
            inet_interfaces = {address}
            inet_protocols = ipv4
            virtual_mailbox_domains = {domain}
            virtual_mailbox_base = {Folder}/mail
            virtual_mailbox_maps = static:user/
            virtual_uid_maps = static:65534
            virtual_gid_maps = static:65534
            smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
            smtpd_tls_security_level = may
            smtpd_tls_chain_files = {lab.Certificates.FileOf(node + ".chain")}
            smtp_dns_support_level = dnssec
            smtp_tls_security_level = dane
            smtp_tls_loglevel = 1
            """ + "\n");
        await File.WriteAllTextAsync(Path.Combine(Configuration, "master.cf"), """
            smtp      inet  n       -       n       -       -       smtpd
            pickup    unix  n       -       n       60      1       pickup
            cleanup   unix  n       -       n       -       0       cleanup
            qmgr      unix  n       -       n       300     1       qmgr
            tlsmgr    unix  -       -       n       1000?   1       tlsmgr
            rewrite   unix  -       -       n       -       -       trivial-rewrite
            bounce    unix  -       -       n       -       0       bounce
            defer     unix  -       -       n       -       0       bounce
            trace     unix  -       -       n       -       0       bounce
            verify    unix  -       -       n       -       1       verify
            flush     unix  n       -       n       1000?   0       flush
            proxymap  unix  -       -       n       -       -       proxymap
            proxywrite unix -       -       n       -       1       proxymap
            smtp      unix  -       -       n       -       -       smtp
            relay     unix  -       -       n       -       -       smtp
            showq     unix  n       -       n       -       -       showq
            error     unix  -       -       n       -       -       error
            retry     unix  -       -       n       -       -       error
            discard   unix  -       -       n       -       -       discard
            virtual   unix  -       n       n       -       -       virtual
            anvil     unix  -       -       n       -       1       anvil
            scache    unix  -       -       n       -       1       scache
            postlog   unix-dgram n  -       n       -       1       postlogd
            """ + "\n");
        var owned = await Peer.RunAsync("sh", ["-ec", $"chown postfix {Folder}/data; chown nobody {Folder}/mail"]);
        Assert.True(owned.ExitCode == 0, owned.Errors);
        var started = await lab.RunAsync(node, "postfix", ["-c", Configuration, "start"]);
        Assert.True(started.ExitCode == 0, started.Output + started.Errors + Log);
    }

    /// <summary>Its user writes to somebody; answers the log's line of what came of it.</summary>
    internal async Task<string> SendAsync(string to, string subject)
    {
        var sent = await lab.RunAsync(node, "sendmail", ["-C", Configuration, "-f", "user@" + domain, to], $"From: user@{domain}\nTo: {to}\nSubject: {subject}\nMessage-ID: <{Guid.NewGuid():n}@{domain}>\n\nHello.\n");
        Assert.True(sent.ExitCode == 0, sent.Output + sent.Errors);
        var before = Log.Length;
        return await WaitAsync(() => Log[before..].Split('\n').LastOrDefault(line => line.Contains($"to=<{to}>", StringComparison.Ordinal)));
    }

    /// <summary>Waits for a message with this subject in its user's mailbox; answers the message.</summary>
    internal Task<string> ReceivedAsync(string subject) => WaitAsync(() => Directory.Exists(Path.Combine(Folder, "mail", "user", "new"))
        ? Directory.EnumerateFiles(Path.Combine(Folder, "mail", "user", "new")).Select(File.ReadAllText).FirstOrDefault(text => text.Contains("Subject: " + subject + "\n", StringComparison.Ordinal))
        : null);

    private async Task<string> WaitAsync(Func<string?> look)
    {
        for (var clock = System.Diagnostics.Stopwatch.StartNew(); clock.Elapsed < TimeSpan.FromSeconds(60); await Task.Delay(50))
        {
            if (look() is { } found) return found;
        }
        throw new TimeoutException("Postfix did not do it in a minute:\n" + Log);
    }
}
