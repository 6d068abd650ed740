using System.Diagnostics;
using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Fronts;

/// <summary>A Postfix of Debian on loopback with a folder of its own: takes mail for example.com, and passes all of it to one place.</summary>
public sealed class RealPostfix : IAsyncDisposable
{
    private RealPostfix(string folder, int port)
    {
        Folder = folder;
        Port = port;
    }

    public string Folder { get; }

    public int Port { get; }

    public string Log => File.Exists(Path.Combine(Folder, "log")) ? File.ReadAllText(Path.Combine(Folder, "log")) : "";

    private string Configuration => Path.Combine(Folder, "conf");

    /// <summary>Starts one; <paramref name="main"/> and <paramref name="services"/> are lines for main.cf and master.cf.</summary>
    public static async Task<RealPostfix> StartAsync(int port, string main, string services = "")
    {
        Peer.Need("postfix");
        Assert.SkipUnless(Environment.UserName == "root", "Postfix is started by root only.");
        var postfix = new RealPostfix(Path.Combine(Path.GetTempPath(), "sternpost-postfix-" + Guid.NewGuid().ToString("n")[..12]), port);
        foreach (var part in new[] { "conf", "spool", "data", "mail" }) Directory.CreateDirectory(Path.Combine(postfix.Folder, part));
        await File.WriteAllTextAsync(Path.Combine(postfix.Configuration, "main.cf"), $"""
            compatibility_level = 3.6
            queue_directory = {postfix.Folder}/spool
            data_directory = {postfix.Folder}/data
            command_directory = /usr/sbin
            daemon_directory = /usr/lib/postfix/sbin
            mail_owner = postfix
            setgid_group = postdrop
            maillog_file = {postfix.Folder}/log
            maillog_file_prefixes = {postfix.Folder}
            myhostname = postfix.example
            mydestination =
            mynetworks = 127.0.0.0/8
            inet_interfaces = 127.0.0.1
            inet_protocols = ipv4
            smtpd_authorized_xclient_hosts = 127.0.0.1
            smtp_tls_security_level = none
            smtputf8_enable = yes
            strict_smtputf8 = no
            smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
            smtpd_recipient_restrictions =
            smtpd_client_connection_rate_limit = 0
            smtpd_client_message_rate_limit = 0
            smtpd_error_sleep_time = 0
            smtpd_soft_error_limit = 10000
            smtpd_hard_error_limit = 10000
            header_size_limit = 10000000
            minimal_backoff_time = 1s
            queue_run_delay = 1s
            maximal_backoff_time = 2s
            disable_dns_lookups = yes
            {string.Join('\n', main.Split('\n').Select(line => line.Trim()))}
            """ + "\n");
        await File.WriteAllTextAsync(Path.Combine(postfix.Configuration, "master.cf"), $"""
            127.0.0.1:{port} inet n - n - - smtpd
            pickup    unix  n       -       n       60      1       pickup
            cleanup   unix  n       -       n       -       0       cleanup
            qmgr      unix  n       -       n       1       1       qmgr
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
            lmtp      unix  -       -       n       -       -       lmtp
            showq     unix  n       -       n       -       -       showq
            error     unix  -       -       n       -       -       error
            retry     unix  -       -       n       -       -       error
            discard   unix  -       -       n       -       -       discard
            virtual   unix  -       n       n       -       -       virtual
            anvil     unix  -       -       n       -       1       anvil
            scache    unix  -       -       n       -       1       scache
            postlog   unix-dgram n  -       n       -       1       postlogd
            """ + "\n" + string.Join('\n', services.Split('\n').Select(line => line.StartsWith("  ", StringComparison.Ordinal) ? "  " + line.Trim() : line)) + "\n");
        var owned = await Peer.RunAsync("sh", ["-ec", $"chmod 755 {postfix.Folder}; chown postfix {postfix.Folder}/data; chown nobody {postfix.Folder}/mail"]);
        Assert.True(owned.ExitCode == 0, owned.Errors);
        var started = await Peer.RunAsync("postfix", ["-c", postfix.Configuration, "start"]);
        Assert.True(started.ExitCode == 0, started.Output + started.Errors + postfix.Log);
        Assert.DoesNotContain("fatal:", postfix.Log);
        return postfix;
    }

    /// <summary>Stops it; its queue stays.</summary>
    public async Task StopAsync()
    {
        var stopped = await Peer.RunAsync("postfix", ["-c", Configuration, "stop"]);
        Assert.True(stopped.ExitCode == 0, stopped.Output + stopped.Errors);
    }

    /// <summary>Starts it again.</summary>
    public async Task StartAgainAsync()
    {
        var started = await Peer.RunAsync("postfix", ["-c", Configuration, "start"]);
        Assert.True(started.ExitCode == 0, started.Output + started.Errors);
    }

    /// <summary>Waits for something, at most two minutes, and shows the log where it does not come.</summary>
    public async Task WaitAsync(Func<bool> done)
    {
        for (var clock = Stopwatch.StartNew(); !done(); await Task.Delay(50))
        {
            if (clock.Elapsed > TimeSpan.FromMinutes(2)) throw new TimeoutException("Postfix did not do it in two minutes:\n" + string.Join('\n', Log.Split('\n').TakeLast(60)));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Peer.RunAsync("postfix", ["-c", Configuration, "stop"]);
        Directory.Delete(Folder, recursive: true);
    }
}
