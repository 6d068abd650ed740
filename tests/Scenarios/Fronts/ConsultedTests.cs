using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Fronts;

/// <summary>Real filters of other makers as judges of ours: their word is a finding with its weight, and where they fall silent mail goes on.</summary>
[Collection(Alone.Name)]
public sealed class ConsultedTests(ITestOutputHelper output)
{
    // SpamAssassin's test message, which every installation of it and of Rspamd knows; in two halves so that no filter takes this file for spam.
    private static readonly string Gtube = "XJS*C4JDBQADN1.NSBN3*2IDNEN*" + "GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X";

    [Fact]
    public async Task A_spamd_has_its_say()
    {
        Peer.Need("spamd");
        var port = Ports.Free();
        var home = Directory.CreateTempSubdirectory("sternpost-spamd-");
        using var spamd = ServerProcess.StartProgram("spamd", ["--local", "--nouser-config", "--max-children=1", $"--port={port}", "--syslog=stderr", $"--helper-home-dir={home.FullName}"]);
        await ReadyAsync(spamd, () => ListensAsync(port));
        await using var server = await ServerAsync($"spamd:127.0.0.1:{port} 2.0");
        await SpeaksAsync(server, "CONSULTED_SPAMD", 4.0);
        await spamd.TerminateAsync();
        await IsSilentAsync(server, "CONSULTED_SPAMD");
    }

    [Fact]
    public async Task An_rspamd_has_its_say()
    {
        Peer.Need("rspamd");
        var port = Ports.Free();
        var folder = Directory.CreateTempSubdirectory("sternpost-rspamd-");
        var configuration = Path.Combine(folder.FullName, "rspamd.conf");
        await File.WriteAllTextAsync(configuration, $$"""
            .include "/etc/rspamd/common.conf"
            options { pidfile = "{{folder.FullName}}/pid"; dns { timeout = 0.001s; retransmits = 1; nameserver = ["127.0.0.1:9"]; } }
            logging { type = "file"; filename = "{{folder.FullName}}/log"; level = "error"; }
            worker { type = "normal"; bind_socket = "127.0.0.1:{{port}}"; count = 1; task_timeout = 60s; }
            """);
        using var rspamd = ServerProcess.StartProgram("rspamd", ["-f", "-i", "-c", configuration]);
        await ReadyAsync(rspamd, () => ListensAsync(port));
        await using var server = await ServerAsync($"rspamd:127.0.0.1:{port} 1.5");
        await SpeaksAsync(server, "CONSULTED_RSPAMD", 3.0);
        await rspamd.TerminateAsync();
        await IsSilentAsync(server, "CONSULTED_RSPAMD");
    }

    [Fact]
    public async Task Amavis_has_its_say()
    {
        Peer.Need("amavisd");
        Peer.Need("spamd");
        Assert.SkipUnless(Environment.UserName == "root", "amavisd is started by root only.");
        var folder = Directory.CreateTempSubdirectory("sternpost-amavis-").FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "amavisd.conf"), $$"""
            use strict;
            $max_servers = 1;
            $daemon_user = 'amavis'; $daemon_group = 'amavis';
            $mydomain = 'company.example'; $myhostname = 'amavis.company.example';
            $MYHOME = '{{folder}}/run'; $TEMPBASE = '{{folder}}/tmp'; $db_home = '{{folder}}/db'; $helpers_home = '{{folder}}/run';
            $QUARANTINEDIR = undef; $virus_quarantine_method = undef; $spam_quarantine_method = undef; $banned_files_quarantine_method = undef; $bad_header_quarantine_method = undef;
            $enable_db = 0; $enable_zmq = 0; $log_level = 1; $do_syslog = 0; $logfile = '{{folder}}/run/log'; $pid_file = '{{folder}}/run/pid'; $lock_file = '{{folder}}/run/lock';
            $unix_socketname = '{{folder}}/run/amavisd.sock'; $unix_socket_mode = 0666;
            $interface_policy{'SOCK'} = 'AM.PDP-SOCK';
            $policy_bank{'AM.PDP-SOCK'} = { protocol => 'AM.PDP', auth_required_release => 0 };
            @local_domains_maps = (['.company.example']);
            @bypass_virus_checks_maps = (1); $sa_local_tests_only = 1; $sa_tag_level_deflt = -999; $sa_tag2_level_deflt = 5; $sa_kill_level_deflt = 15; $final_spam_destiny = D_REJECT;
            1;
            """);
        await Peer.RunAsync("sh", ["-c", $"mkdir -p {folder}/run {folder}/tmp {folder}/db; chown amavis:amavis {folder}/run {folder}/tmp {folder}/db; chmod 755 {folder}; chmod 2770 {folder}/run"]);
        using var amavisd = ServerProcess.StartProgram("amavisd", ["-c", Path.Combine(folder, "amavisd.conf"), "foreground"]);
        await ReadyAsync(amavisd, () => Task.FromResult(File.Exists(Path.Combine(folder, "run", "log")) && File.ReadAllText(Path.Combine(folder, "run", "log")).Contains("on SpamAssassin done", StringComparison.Ordinal)));
        await using var server = await ServerAsync($"amavis:{folder}/run/amavisd.sock 1.5");
        await SpeaksAsync(server, "CONSULTED_AMAVIS", 3.0);
        await amavisd.TerminateAsync();
        await IsSilentAsync(server, "CONSULTED_AMAVIS");
    }

    [Fact]
    public async Task A_milter_has_its_say()
    {
        // Another Sternpost as the milter: the protocol's other side was not written with this one in mind, and Postfix speaks to it in FrontsAgreeTests.
        await using var fronts = await FrontServer.StartAsync();
        await using var server = await ServerAsync($"milter:127.0.0.1:{fronts.Milter} 1.5");
        var virus = Encoding.Latin1.GetString(FrontMail.Of("attachments/virus-test-file.mail").Raw);
        var finding = await CheckAsync(server, virus, "CONSULTED_MILTER");
        output.WriteLine($"{finding}");
        Assert.Equal(3.0, finding!.Value.Weight);
        Assert.Contains("refuse", finding.Value.Explanation);
        var wanted = await CheckAsync(server, Letter("The minutes of Tuesday are attached to the calendar entry."), "CONSULTED_MILTER");
        output.WriteLine($"wanted: {wanted}");
        // So short a letter of nobody known may be marked, by what chance put into its Message-ID; refused it is not.
        Assert.True(wanted!.Value.Weight < 3);
    }

    private async Task SpeaksAsync(InstalledServer server, string symbol, double most)
    {
        var spam = await CheckAsync(server, Letter(Gtube), symbol);
        output.WriteLine($"spam: {spam}");
        Assert.Equal(most, spam!.Value.Weight);
        var wanted = await CheckAsync(server, Letter("The minutes of Tuesday are attached to the calendar entry."), symbol);
        output.WriteLine($"wanted: {wanted}");
        Assert.True(wanted!.Value.Weight < most);
    }

    private static async Task IsSilentAsync(InstalledServer server, string symbol)
    {
        Assert.Null(await CheckAsync(server, Letter(Gtube), symbol));
        Assert.Equal(0, (await CheckAsync(server, Letter(Gtube), symbol + "_FAILED"))!.Value.Weight);
    }

    private static async Task<(double Weight, string Explanation)?> CheckAsync(InstalledServer server, string letter, string symbol)
    {
        var file = Path.Combine(server.Folder, Guid.NewGuid().ToString("n") + ".eml");
        await File.WriteAllTextAsync(file, letter);
        var outcome = await server.CommandAsync(null, "check", "--json", "--no-dns", "--ip", "203.0.113.9", "--helo", "mail.else.example", "--mail-from", "sam@else.example", "--rcpt", InstalledServer.Administrator, file);
        Assert.True(outcome.ExitCode == 0, outcome.Errors);
        using var json = JsonDocument.Parse(outcome.Output);
        foreach (var finding in json.RootElement[0].GetProperty("findings").EnumerateArray())
        {
            if (finding.GetProperty("symbol").GetString() == symbol) return (finding.GetProperty("weight").GetDouble(), finding.GetProperty("explanation").GetString()!);
        }
        return null;
    }

    private static Task<InstalledServer> ServerAsync(string consulted) => InstalledServer.StartAsync($"filter.consult = [\"{consulted}\"]\nfilter.deadline = \"50s\"");

    private static string Letter(string text) =>
        $"From: Sam <sam@else.example>\r\nTo: {InstalledServer.Administrator}\r\nSubject: Tuesday\r\nDate: {DateTimeOffset.UtcNow:R}\r\nMessage-ID: <{Guid.NewGuid():n}@else.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n{text}\r\n";

    // They compile thousands of rules before they listen, which takes minutes where the machine is busy.
    private static async Task ReadyAsync(ServerProcess program, Func<Task<bool>> isReady)
    {
        for (var clock = System.Diagnostics.Stopwatch.StartNew(); !await isReady(); await Task.Delay(100))
            Assert.False(program.HasExited || clock.Elapsed > TimeSpan.FromMinutes(4), program.Said);
    }

    private static async Task<bool> ListensAsync(int port)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync("127.0.0.1", port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
