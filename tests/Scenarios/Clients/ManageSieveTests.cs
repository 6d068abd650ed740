using System.Text;
using System.Text.Json;
using MailKit;
using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Clients;

/// <summary>ManageSieve by programs of others: sieve-connect, Python's sievelib, and Net_Sieve, which Roundcube and Horde are built on.</summary>
public sealed class ManageSieveTests(ManageSieveTests.Demo demo) : IClassFixture<ManageSieveTests.Demo>
{
    private const string Good = "require \"fileinto\";\r\n# Grüße\r\nif header :contains \"subject\" \"x\" { fileinto \"Junk\"; }\r\n";
    private const string Bad = "# line 1\r\nif true { keep }\r\n";

    private DemoServer Server => demo.Server;

    [Fact]
    public async Task Sieve_connect_puts_activates_fetches_and_removes()
    {
        Peer.Need("sieve-connect");
        var folder = Directory.CreateTempSubdirectory("sieve-connect").FullName;
        var (good, bad, got) = (Path.Combine(folder, "good"), Path.Combine(folder, "bad"), Path.Combine(folder, "got"));
        await File.WriteAllTextAsync(good, Good);
        await File.WriteAllTextAsync(bad, Bad);
        await SucceedsAsync("--upload", "--localsieve", good, "--remotesieve", "by connect");
        Assert.Equal("\"by connect\"", (await SucceedsAsync("--list")).Trim());
        await SucceedsAsync("--activate", "--remotesieve", "by connect");
        Assert.Equal("\"by connect\" ACTIVE", (await SucceedsAsync("--list")).Trim());
        await SucceedsAsync("--checkscript", "--localsieve", good);
        foreach (var refused in (string[][])[["--checkscript", "--localsieve", bad], ["--upload", "--localsieve", bad, "--remotesieve", "by connect"]])
        {
            var refusal = await ConnectAsync(refused);
            Assert.NotEqual(0, refusal.ExitCode);
            Assert.Contains("line 2: ", refusal.Errors + refusal.Output, StringComparison.Ordinal);
        }
        await SucceedsAsync("--download", "--remotesieve", "by connect", "--localsieve", got);
        Assert.Equal(Good, await File.ReadAllTextAsync(got));
        Assert.Contains("(ACTIVE)", (await ConnectAsync("--delete", "--remotesieve", "by connect")).Errors, StringComparison.Ordinal);
        await SucceedsAsync("--deactivate");
        await SucceedsAsync("--delete", "--remotesieve", "by connect");
        Assert.Equal("", (await SucceedsAsync("--list")).Trim());
        var wrong = await Peer.RunAsync("sieve-connect", ConnectArguments("--list"), "not the password");
        Assert.NotEqual(0, wrong.ExitCode);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Sievelib_does_all_of_the_protocol()
    {
        const string Python = "/usr/bin/python3";
        Assert.SkipUnless(File.Exists(Python) && (await Peer.RunAsync(Python, ["-c", "import sievelib.managesieve"])).ExitCode == 0, "sievelib is not installed here; ./test installs it.");
        var outcome = await Peer.RunAsync(Python, ["-c", """
            import json, sys
            from sievelib.managesieve import Client
            host, port, name, password, good, bad = sys.argv[1:]
            client = Client(host, int(port))
            said = {"signedIn": client.connect(name, password, starttls=True, authmech="PLAIN"), "extensions": client.get_sieve_capabilities()}
            said["space"] = [client.havespace("März", 100), client.havespace("März", 1 << 30), client.errcode.decode()]
            said["put"] = [client.putscript("März", good), client.putscript("bad", bad), client.errmsg.decode()]
            said["check"] = [client.checkscript(good), client.checkscript(bad)]
            said["active"] = [client.setactive("März"), client.listscripts()]
            said["got"] = client.getscript("März").strip()
            said["renamed"] = [client.renamescript("März", "April"), client.listscripts()]
            said["removed"] = [client.deletescript("April"), client.errcode.decode(), client.setactive(""), client.deletescript("April"), client.listscripts()]
            client.logout()
            print(json.dumps(said))
            """, "localhost", Server.Ports["managesieve"].ToString(), "bob@demo.test", Server.Passwords["bob@demo.test"], Good, Bad],
            environment: new Dictionary<string, string> { ["SSL_CERT_FILE"] = Server.CertificateAuthority });
        Assert.True(outcome.ExitCode == 0, outcome.Output + outcome.Errors);
        using var json = JsonDocument.Parse(outcome.Output);
        var said = json.RootElement;
        Assert.True(said.GetProperty("signedIn").GetBoolean());
        Assert.Contains(said.GetProperty("extensions").EnumerateArray(), extension => extension.GetString() == "fileinto");
        Assert.Equal("[true, false, \"QUOTA/MAXSIZE\"]", said.GetProperty("space").GetRawText());
        Assert.StartsWith("[true, false, \"line 2: ", said.GetProperty("put").GetRawText(), StringComparison.Ordinal);
        Assert.Equal("[true, false]", said.GetProperty("check").GetRawText());
        Assert.Equal("[true, [\"M\\u00e4rz\", []]]", said.GetProperty("active").GetRawText());
        Assert.Equal(Good.Replace("\r\n", "\n", StringComparison.Ordinal).Trim(), said.GetProperty("got").GetString()!.Replace("\r\n", "\n", StringComparison.Ordinal));
        Assert.Equal("[true, [\"April\", []]]", said.GetProperty("renamed").GetRawText());
        Assert.Equal("[false, \"ACTIVE\", true, true, [null, []]]", said.GetProperty("removed").GetRawText());
    }

    [Fact]
    public async Task Net_Sieve_does_what_Roundcube_asks_of_it()
    {
        Peer.Need("php");
        Assert.SkipUnless((await Peer.RunAsync("php", ["-r", "exit((include 'Net/Sieve.php') ? 0 : 1);"])).ExitCode == 0, "php-net-sieve is not installed here; ./test installs it.");
        var outcome = await Peer.RunAsync("php", ["-d", "error_reporting=0", "-r", """
            require 'Net/Sieve.php';
            [, $port, $name, $password, $authority, $good, $bad] = $argv;
            $sieve = new Net_Sieve($name, $password, 'localhost', $port, 'PLAIN', '', false, false, true, ['ssl' => ['cafile' => $authority, 'verify_peer' => true, 'verify_peer_name' => true]]);
            $say = function ($what) { echo is_object($what) ? 'error ' . $what->getMessage() : json_encode($what), "\n"; };
            $say($sieve->getError());
            $say(in_array('FILEINTO', $sieve->getExtensions()));
            $say($sieve->haveSpace('a', 10));
            $say($sieve->installScript('a "b"', $good, true));
            $say($sieve->installScript('bad', $bad));
            $say($sieve->listScripts());
            $say($sieve->getActive());
            $say(trim($sieve->getScript('a "b"')) == trim($good));
            $say($sieve->removeScript('a "b"'));
            $say($sieve->setActive(''));
            $say($sieve->removeScript('a "b"'));
            $say($sieve->disconnect());
            """, "--", Server.Ports["managesieve"].ToString(), "admin@demo.test", Server.Passwords["admin@demo.test"], Server.CertificateAuthority, Good, Bad]);
        var lines = outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(lines.Length == 12, outcome.Output + outcome.Errors);
        Assert.Equal(["false", "true", "true", "true"], lines[..4]);
        Assert.StartsWith("error \"line 2: ", lines[4], StringComparison.Ordinal);
        Assert.Equal(["[\"a \\\"b\\\"\"]", "\"a \\\"b\\\"\"", "true"], lines[5..8]);
        Assert.StartsWith("error (ACTIVE)", lines[8], StringComparison.Ordinal);
        Assert.Equal(["true", "true", "true"], lines[9..]);
    }

    /// <summary>What an administrator puts beside the running server is there for users, and the other way.</summary>
    [Fact]
    public async Task The_command_line_and_ManageSieve_have_the_same_scripts()
    {
        Peer.Need("sieve-connect");
        await using var server = await DemoServer.StartAsync("--no-scene");
        Assert.Contains("not active", (await SieveAsync(server, Good.Replace("\r\n", "\n", StringComparison.Ordinal), "put", "alice@demo.test", "rules", "-")).Errors, StringComparison.Ordinal);
        Assert.Equal("\"rules\"", (await SucceedsAsync(server, "--list")).Trim());
        await SucceedsAsync(server, "--activate", "--remotesieve", "rules");
        // Line ends as the wire has them, whatever the editor wrote.
        Assert.Equal(Good, Encoding.UTF8.GetString(Encoding.Latin1.GetBytes((await SieveAsync(server, null, "show", "alice@demo.test")).Output)));
        var active = await SieveAsync(server, null, "remove", "alice@demo.test", "rules");
        Assert.Equal(1, active.ExitCode);
        Assert.Contains("sternpost sieve deactivate alice@demo.test", active.Errors, StringComparison.Ordinal);
        var refused = await SieveAsync(server, Bad, "put", "alice@demo.test", "rules", "-");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("line 2: ", refused.Errors, StringComparison.Ordinal);
        Assert.Equal(1, (await SieveAsync(server, Bad, "check", "alice@demo.test", "-")).ExitCode);
        Assert.StartsWith("rules: sound", (await SieveAsync(server, null, "check", "alice@demo.test")).Output, StringComparison.Ordinal);
        Assert.Contains("sorted by it", (await SieveAsync(server, "stop;", "put", "alice@demo.test", "other", "-", "--activate")).Errors, StringComparison.Ordinal);
        Assert.Equal(["\"other\" ACTIVE", "\"rules\""], (await SucceedsAsync(server, "--list")).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Order());
        Assert.Equal(0, (await SieveAsync(server, null, "activate", "alice@demo.test", "rules")).ExitCode);
        Assert.Equal(1, (await SieveAsync(server, null, "activate", "alice@demo.test", "none")).ExitCode);
        Assert.Equal(0, (await SieveAsync(server, null, "deactivate", "alice@demo.test")).ExitCode);
        Assert.Equal(0, (await SieveAsync(server, null, "remove", "alice@demo.test", "rules")).ExitCode);
        Assert.Equal("\"other\"", (await SucceedsAsync(server, "--list")).Trim());
        // What the server answered OK is there after it was killed.
        await SucceedsAsync(server, "--activate", "--remotesieve", "other");
        server.Kill();
        await server.LaunchAsync();
        Assert.Equal("\"other\" ACTIVE", (await SucceedsAsync(server, "--list")).Trim());
    }

    [Fact]
    public async Task What_is_made_active_counts_for_the_next_message()
    {
        Peer.Need("sieve-connect");
        await using var server = await DemoServer.StartAsync("--no-scene");
        var script = Path.Combine(server.Folder, "rules");
        await File.WriteAllTextAsync(script, "require [\"fileinto\", \"mailbox\"];\r\nif header :is \"subject\" \"For the folder\" { fileinto :create \"Ordered\"; }\r\n");
        await SucceedsAsync(server, "--upload", "--localsieve", script, "--remotesieve", "rules");
        Assert.Equal((0, 1), await DeliverAsync(server));
        await SucceedsAsync(server, "--activate", "--remotesieve", "rules");
        Assert.Equal((1, 1), await DeliverAsync(server));
        await File.WriteAllTextAsync(script, "keep;\r\n");
        await SucceedsAsync(server, "--upload", "--localsieve", script, "--remotesieve", "rules");
        Assert.Equal((1, 2), await DeliverAsync(server));
        // Beside the running server, which looks every second: in the end nothing arrives.
        Assert.Equal(0, (await SieveAsync(server, "discard;\r\n", "put", "alice@demo.test", "rules", "-")).ExitCode);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var (inbox, last) = (2, 0);
        for (; inbox != last; (_, inbox) = await DeliverAsync(server))
        {
            patience.Token.ThrowIfCancellationRequested();
            last = inbox;
        }
        await SucceedsAsync(server, "--deactivate");
        Assert.Equal((1, inbox + 1), await DeliverAsync(server));
    }

    /// <summary>Sends alice one more message; answers how many are in the folder and how many in her INBOX then.</summary>
    private static async Task<(int Ordered, int Inbox)> DeliverAsync(DemoServer server)
    {
        await using (var smtp = await RawSmtp.SubmitAsync(server, "bob@demo.test"))
        {
            Assert.StartsWith("250", await smtp.SendAsync("bob@demo.test", "alice@demo.test", Encoding.ASCII.GetBytes($"From: bob@demo.test\r\nTo: alice@demo.test\r\nSubject: For the folder\r\nMessage-ID: <{Guid.NewGuid():n}@demo.test>\r\n\r\nHello.\r\n")));
        }
        using var client = await Mailbox.OpenAsync(server, "alice@demo.test");
        var folders = await client.GetFoldersAsync(client.PersonalNamespaces[0]);
        return (await CountAsync(folders.FirstOrDefault(folder => folder.Name == "Ordered")), await CountAsync(client.Inbox));
    }

    private static async Task<int> CountAsync(IMailFolder? folder)
    {
        if (folder is null) return 0;
        await folder.OpenAsync(FolderAccess.ReadOnly);
        return folder.Count;
    }

    private static Task<Peer.Outcome> SieveAsync(DemoServer server, string? input, params string[] arguments) =>
        Peer.RunAsync("dotnet", [ServerProcess.Program, "sieve", .. arguments, "--data", server.Folder], octets: input is null ? null : Encoding.UTF8.GetBytes(input));

    private Task<Peer.Outcome> ConnectAsync(params string[] arguments) => Peer.RunAsync("sieve-connect", ConnectArguments(arguments), Server.Passwords["alice@demo.test"]);

    private Task<string> SucceedsAsync(params string[] arguments) => SucceedsAsync(Server, arguments);

    private static async Task<string> SucceedsAsync(DemoServer server, params string[] arguments)
    {
        var outcome = await Peer.RunAsync("sieve-connect", ConnectArguments(server, arguments), server.Passwords["alice@demo.test"]);
        Assert.True(outcome.ExitCode == 0, outcome.Output + outcome.Errors);
        return outcome.Output;
    }

    private IEnumerable<string> ConnectArguments(params string[] arguments) => ConnectArguments(Server, arguments);

    private static IEnumerable<string> ConnectArguments(DemoServer server, string[] arguments) =>
        ["--server", "localhost", "--port", server.Ports["managesieve"].ToString(), "--user", "alice@demo.test", "--passwordfd", "0", "--tlscafile", server.CertificateAuthority, "--tlshostname", "localhost", .. arguments];

    /// <summary>One server for all; each client has an account of its own.</summary>
    public sealed class Demo : IAsyncLifetime
    {
        public DemoServer Server { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Server = await DemoServer.StartAsync("--no-scene");

        public ValueTask DisposeAsync() => Server.DisposeAsync();
    }
}
