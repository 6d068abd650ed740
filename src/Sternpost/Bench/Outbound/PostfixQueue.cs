using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Sternpost.Commands;
using Sternpost.Dialogue;

namespace Sternpost.Bench.Outbound;

/// <summary>
/// A Postfix with a configuration, a queue and a log of its own in a temporary folder, beside which nothing of an installed one is
/// touched. Its queue is filled over SMTP while it has no queue manager, so that nothing leaves before the clock runs.
/// </summary>
internal sealed class PostfixQueue : IFilledQueue
{
    private const int Fillers = 50;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly string folder;
    private readonly int port;
    private Process? running;

    private PostfixQueue(string folder, int port) => (this.folder, this.port) = (folder, port);

    public string Server => "postfix";

    public IReadOnlyList<int> Processes => running is null ? [] : Family(running.Id);

    /// <summary>Makes it and fills its queue.</summary>
    /// <exception cref="OperationFailedException">Postfix is not installed, or this is not root, which Postfix wants to be started by.</exception>
    public static async Task<PostfixQueue> FillAsync(OutboundMail mail, int size, int connections, string nameServer, int sinkPort, CancellationToken cancellation)
    {
        if (!File.Exists("/usr/sbin/postfix") || !Environment.IsPrivilegedProcess) throw new OperationFailedException("For a comparison with Postfix it must be installed, and this be root.");
        var queue = new PostfixQueue(Directory.CreateTempSubdirectory("sternpost-bench-").FullName, FreePort());
        try
        {
            await queue.ConfigureAsync(nameServer, sinkPort);
            await queue.WriteServicesAsync(withQueueManager: false, connections);
            await queue.BeginAsync(cancellation);
            var next = -1;
            await Task.WhenAll(Enumerable.Range(0, Fillers).Select(_ => Task.Run(async () =>
            {
                using var dialogue = await SmtpDialogue.OpenAsync(new IPEndPoint(IPAddress.Loopback, queue.port), "bench", null, cancellation);
                for (var message = Interlocked.Increment(ref next); message < mail.Messages; message = Interlocked.Increment(ref next))
                {
                    var recipient = mail.Recipient(message);
                    var reply = await dialogue.SendMessageAsync(OutboundMail.Sender(message), recipient, SmtpDialogue.Dotted(new LetterMaker(size, recipient, message).NextPlain().Content), cancellation);
                    if (reply.Code != 250) throw new OperationFailedException($"Postfix did not take message {message}: {reply}");
                }
                await dialogue.QuitAsync(cancellation);
            }, cancellation)));
            await queue.KillAsync();
            await queue.WriteServicesAsync(withQueueManager: true, connections);
            return queue;
        }
        catch
        {
            await queue.DisposeAsync();
            throw;
        }
    }

    public Task StartAsync(CancellationToken cancellation) => BeginAsync(cancellation);

    public async Task KillAsync()
    {
        if (running is null) return;
        foreach (var process in Family(running.Id).AsEnumerable().Reverse())
        {
            try
            {
                Process.GetProcessById(process).Kill();
            }
            catch (ArgumentException)
            {
                // It has ended meanwhile.
            }
        }
        await running.WaitForExitAsync();
        running.Dispose();
        running = null;
        File.Delete(Path.Combine(folder, "spool/pid/master.pid"));
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(folder, recursive: true);
    }

    // What is not named here is as shipped; the waits and the number of connections are those of QueueProgram.
    private async Task ConfigureAsync(string nameServer, int sinkPort)
    {
        foreach (var name in (string[])["conf", "spool", "data"]) Directory.CreateDirectory(Path.Combine(folder, name));
        await File.WriteAllTextAsync(Path.Combine(folder, "resolv.conf"), $"nameserver {IPEndPoint.Parse(nameServer).Address}\n");
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
            myhostname = sender.bench.test
            mydestination =
            alias_maps =
            mynetworks = 127.0.0.0/8
            inet_interfaces = 127.0.0.1
            inet_protocols = ipv4
            smtpd_relay_restrictions = permit_mynetworks, reject
            smtpd_client_connection_count_limit = 0
            in_flow_delay = 0
            smtp_tcp_port = {sinkPort}
            smtp_tls_security_level = may
            minimal_backoff_time = 5s
            maximal_backoff_time = 20s
            queue_run_delay = 5s
            smtp_connect_timeout = 10s
            smtp_helo_timeout = 10s
            smtp_mail_timeout = 10s
            smtp_rcpt_timeout = 10s
            smtp_data_init_timeout = 10s
            smtp_data_xfer_timeout = 10s
            smtp_data_done_timeout = 10s
            """ + "\n");
        await RunAsync("chown", ["postfix", Path.Combine(folder, "data")]);
        // Folders of its own make can be entered by its daemons.
        await RunAsync("chmod", ["755", folder]);
    }

    private Task WriteServicesAsync(bool withQueueManager, int connections) => File.WriteAllTextAsync(Path.Combine(folder, "conf/master.cf"), $"""
        127.0.0.1:{port} inet n  -       n       -       -       smtpd
        cleanup   unix  n       -       n       -       0       cleanup
        {(withQueueManager ? "" : "#")}qmgr      unix  n       -       n       300     1       qmgr
        tlsmgr    unix  -       -       n       1000?   1       tlsmgr
        rewrite   unix  -       -       n       -       -       trivial-rewrite
        bounce    unix  -       -       n       -       0       bounce
        defer     unix  -       -       n       -       0       bounce
        trace     unix  -       -       n       -       0       bounce
        flush     unix  n       -       n       1000?   0       flush
        proxymap  unix  -       -       n       -       -       proxymap
        smtp      unix  -       -       n       -       {connections}       smtp
        showq     unix  n       -       n       -       -       showq
        error     unix  -       -       n       -       -       error
        retry     unix  -       -       n       -       -       error
        anvil     unix  -       -       n       -       1       anvil
        scache    unix  -       -       n       -       1       scache
        postlog   unix-dgram n  -       n       -       1       postlogd
        """ + "\n");

    // A mount of its own hides the system's resolv.conf from it, and from nobody else.
    private async Task BeginAsync(CancellationToken cancellation)
    {
        await RunAsync("/usr/sbin/postfix", ["-c", Path.Combine(folder, "conf"), "check"]);
        var start = new ProcessStartInfo("unshare") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["--mount", "sh", "-c", "mount --bind \"$1/resolv.conf\" /etc/resolv.conf && exec /usr/lib/postfix/sbin/master -c \"$1/conf\" -d", "sh", folder]) start.ArgumentList.Add(argument);
        running = Process.Start(start) ?? throw new OperationFailedException("Postfix could not be started.");
        var clock = Stopwatch.StartNew();
        while (true)
        {
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync(IPAddress.Loopback, port, cancellation);
                return;
            }
            catch (SocketException) when (clock.Elapsed < Patience && !running.HasExited)
            {
                await Task.Delay(20, cancellation);
            }
            catch (SocketException)
            {
                throw new OperationFailedException("Postfix did not start:\n" + (File.Exists(Path.Combine(folder, "log")) ? await File.ReadAllTextAsync(Path.Combine(folder, "log"), cancellation) : await running.StandardError.ReadToEndAsync(cancellation)));
            }
        }
    }

    private static async Task RunAsync(string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) throw new OperationFailedException($"{program} failed: {errors}");
    }

    private static List<int> Family(int root)
    {
        var parents = Process.GetProcesses().Select(process => (process.Id, Parent: ProcessCpu.ParentOf(process.Id))).ToLookup(process => process.Parent, process => process.Id);
        var family = new List<int> { root };
        for (var i = 0; i < family.Count; i++) family.AddRange(parents[family[i]]);
        return family;
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
