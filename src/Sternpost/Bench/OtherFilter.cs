using System.ComponentModel;
using System.Diagnostics;
using System.Net.Sockets;
using Sternpost.Commands;
using Sternpost.Filter.Corpora;

namespace Sternpost.Bench;

/// <summary>A filter of another maker, given the same files through its own client: its daemon is started for this, with nothing looked up.</summary>
internal sealed class OtherFilter : IAsyncDisposable
{
    /// <summary>The names <c>--beside</c> takes.</summary>
    public static readonly string[] Names = ["spamc", "rspamc", "bogofilter"];

    /// <summary>Those of <see cref="Names"/> whose programs, client and daemon, are where programs are looked for.</summary>
    public static IEnumerable<string> Installed => Names.Where(name => ProgramsOf(name).All(IsInstalled));

    private static string[] ProgramsOf(string name) => name switch
    {
        "spamc" => ["spamc", "spamd"],
        "rspamc" => ["rspamc", "rspamd"],
        _ => [name],
    };

    private static bool IsInstalled(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Any(folder => File.Exists(Path.Combine(folder, program)));

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private const int Lessons = 400;

    private readonly string name;
    private readonly string[] arguments;
    private readonly bool fromInput;
    private readonly Process? daemon;
    private readonly DirectoryInfo folder;

    private OtherFilter(string name, string[] arguments, bool fromInput, Process? daemon, DirectoryInfo folder)
    {
        this.name = name;
        this.arguments = arguments;
        this.fromInput = fromInput;
        this.daemon = daemon;
        this.folder = folder;
    }

    /// <summary>Starts what the filter needs.</summary>
    /// <exception cref="OperationFailedException">It is not installed, or does not start.</exception>
    public static async Task<OtherFilter> StartAsync(string name, IReadOnlyList<LabelledMessage> messages, CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("sternpost-bench-");
        switch (name)
        {
            case "spamc":
                const int SpamdPort = 18783;
                var spamd = Start("spamd", "--local", "--nouser-config", "--max-children=1", $"--port={SpamdPort}", "--syslog=stderr", $"--helper-home-dir={folder.FullName}");
                await ListensAsync(spamd, SpamdPort, cancellation);
                return new OtherFilter(name, ["-p", $"{SpamdPort}", "-c", "-s", "20000000"], true, spamd, folder);
            case "rspamc":
                const int RspamdPort = 18333;
                var configuration = Path.Combine(folder.FullName, "rspamd.conf");
                await File.WriteAllTextAsync(configuration, RspamdConfiguration(folder.FullName, RspamdPort), cancellation);
                var rspamd = Start("rspamd", "-f", "-i", "-c", configuration);
                await ListensAsync(rspamd, RspamdPort, cancellation);
                return new OtherFilter(name, ["-h", $"127.0.0.1:{RspamdPort}", "symbols"], true, rspamd, folder);
            default:
                var bogofilter = new OtherFilter(name, ["-d", folder.FullName], true, null, folder);
                // Without a word list it does not judge at all.
                foreach (var lesson in messages.Take(Lessons)) await bogofilter.RunAsync(lesson.Path, ["-d", folder.FullName, lesson.Spam ? "-s" : "-n"], cancellation);
                return bogofilter;
        }
    }

    // The rules of the distribution, one worker that scans, no name server that could answer.
    private static string RspamdConfiguration(string folder, int port) => $$"""
        .include "/etc/rspamd/common.conf"
        options { pidfile = "{{folder}}/pid"; dns { timeout = 0.001s; retransmits = 1; nameserver = ["127.0.0.1:9"]; } local_addrs = [127.0.0.0/8]; }
        logging { type = "file"; filename = "{{folder}}/log"; level = "error"; }
        worker { type = "normal"; bind_socket = "127.0.0.1:{{port}}"; count = 1; task_timeout = 60s; }
        """;

    /// <summary>Gives it each file once to warm up a little, and all once to measure.</summary>
    public async Task<FilterResult> RunAsync(IReadOnlyList<LabelledMessage> messages, CancellationToken cancellation)
    {
        foreach (var message in messages.Take(Math.Min(50, messages.Count / 4))) await RunAsync(message.Path, arguments, cancellation);
        var waited = new double[messages.Count];
        var (children, daemons) = (ProcessorClock.ChildrenMilliseconds(), DaemonMilliseconds());
        var begun = Stopwatch.GetTimestamp();
        for (var i = 0; i < messages.Count; i++)
        {
            var wall = Stopwatch.GetTimestamp();
            await RunAsync(messages[i].Path, arguments, cancellation);
            waited[i] = Stopwatch.GetElapsedTime(wall).TotalMilliseconds;
        }
        var seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        return new FilterResult
        {
            Filter = name,
            Messages = messages.Count,
            Seconds = Math.Round(seconds, 3),
            MessagesPerSecond = Math.Round(messages.Count / seconds, 1),
            LatencyMilliseconds = FilterPercentiles.Of(waited),
            CpuMillisecondsPerMessage = Math.Round((ProcessorClock.ChildrenMilliseconds() - children + DaemonMilliseconds() - daemons) / messages.Count, 3),
            ResidentBytes = daemon is null ? null : Family(daemon.Id).Sum(Resident),
        };
    }

    private async Task RunAsync(string file, string[] with, CancellationToken cancellation)
    {
        using var client = Start(name, with);
        await using (var input = client.StandardInput.BaseStream) await input.WriteAsync(await File.ReadAllBytesAsync(file, cancellation), cancellation);
        await client.StandardOutput.ReadToEndAsync(cancellation);
        await client.WaitForExitAsync(cancellation);
    }

    private static Process Start(string program, params string[] arguments)
    {
        try
        {
            var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
            var process = Process.Start(start)!;
            process.ErrorDataReceived += static (_, _) => { };
            process.BeginErrorReadLine();
            return process;
        }
        catch (Win32Exception failure)
        {
            throw new OperationFailedException($"{program} could not be started: {failure.Message}");
        }
    }

    private static async Task ListensAsync(Process daemon, int port, CancellationToken cancellation)
    {
        var begun = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begun) < Patience && !daemon.HasExited)
        {
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync("127.0.0.1", port, cancellation);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), cancellation);
            }
        }
        throw new OperationFailedException($"{daemon.StartInfo.FileName} does not listen on port {port}.");
    }

    private double DaemonMilliseconds() => daemon is null ? 0 : Family(daemon.Id).Sum(process => ProcessCpu.WithEnded(process)?.TotalMilliseconds ?? 0);

    /// <summary>A process and all below it.</summary>
    private static List<int> Family(int root)
    {
        var parents = Process.GetProcesses().Select(process => (process.Id, Parent: ProcessCpu.ParentOf(process.Id))).ToList();
        var family = new List<int> { root };
        for (var i = 0; i < family.Count; i++) family.AddRange(parents.Where(process => process.Parent == family[i]).Select(process => process.Id));
        return family;
    }

    private static long Resident(int process)
    {
        var path = $"/proc/{process}/statm";
        return File.Exists(path) && long.TryParse(File.ReadAllText(path).Split(' ')[1], out var pages) ? pages * Environment.SystemPageSize : 0;
    }

    public async ValueTask DisposeAsync()
    {
        if (daemon is not null)
        {
            if (!daemon.HasExited) daemon.Kill(entireProcessTree: true);
            await daemon.WaitForExitAsync(CancellationToken.None);
            daemon.Dispose();
        }
        folder.Delete(recursive: true);
    }
}
