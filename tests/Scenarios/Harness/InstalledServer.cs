using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace Sternpost.Scenarios.Harness;

/// <summary>
/// A server made as an administrator makes one: <c>setup</c> on an empty folder, ports set in the configuration it wrote, accounts
/// by <c>account add</c>, then <c>serve</c>. Only what the machine asks for differs: loopback and ports above 1023.
/// </summary>
public sealed class InstalledServer : IMailServer, IAsyncDisposable
{
    public const string Domain = "company.example";
    public const string Administrator = "boss@company.example";

    private readonly Dictionary<string, string> passwords = [];
    private readonly Dictionary<string, int> ports = [];
    private ServerProcess? process;

    private InstalledServer(string folder) => Folder = folder;

    public string Folder { get; }

    public IReadOnlyDictionary<string, int> Ports => ports;

    public IReadOnlyDictionary<string, string> Passwords => passwords;

    public string CertificateAuthority => Path.Combine(Folder, "tls", "certificate.pem");

    /// <summary>What <c>setup --json</c> printed.</summary>
    public JsonElement Setup { get; private set; }

    /// <summary>What its environment has beside ours when it is launched next.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    /// <summary>Everything the server said since it was started last.</summary>
    public string Said => process?.Said ?? "";

    /// <summary>Makes and starts one; <paramref name="settings"/> are lines of TOML for the end of the configuration.</summary>
    public static async Task<InstalledServer> StartAsync(string settings = "", params string[] accounts)
    {
        var server = new InstalledServer(Path.Combine(Path.GetTempPath(), "sternpost-installed-" + Guid.NewGuid().ToString("n")[..12]));
        var setup = await server.CommandAsync(null, "setup", "--domain", Domain, "--hostname", "localhost.company.example", "--admin", Administrator, "--address", "203.0.113.7", "--yes", "--json");
        Assert.True(setup.ExitCode == 0, setup.Output + setup.Errors);
        using var json = JsonDocument.Parse(setup.Output);
        server.Setup = json.RootElement.Clone();
        server.passwords[Administrator] = server.Setup.GetProperty("account").GetProperty("password").GetString()!;
        await server.SetPortsAsync(settings);
        foreach (var account in accounts) await server.AddAccountAsync(account);
        await server.LaunchAsync();
        return server;
    }

    /// <summary>Runs a verb on this server's folder.</summary>
    public Task<Peer.Outcome> CommandAsync(string? input, params string[] arguments) =>
        Peer.RunAsync("dotnet", [ServerProcess.Program, .. arguments, "--data", Folder], input);

    /// <summary>Adds an account as an administrator does, whether the server runs or not.</summary>
    public async Task AddAccountAsync(string account)
    {
        passwords[account] = "the password of " + account;
        var added = await CommandAsync(passwords[account] + "\n", "account", "add", account, "--password-stdin");
        Assert.True(added.ExitCode == 0, added.Errors);
    }

    public async Task LaunchAsync()
    {
        process?.Dispose();
        process = ServerProcess.StartProgram("dotnet", [ServerProcess.Program, "serve", "--data", Folder], Environment);
        await process.WaitAsync(async () => (await GetAsync("/health/ready")).StartsWith("200", StringComparison.Ordinal));
    }

    public Task<int> TerminateAsync() => process!.TerminateAsync();

    public async Task SignalAsync(string signal)
    {
        using var kill = System.Diagnostics.Process.Start("kill", [signal, process!.Id.ToString()]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Status and body of an HTTPS request; empty where nobody answers.</summary>
    public async Task<string> GetAsync(string path)
    {
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, certificate, _, _) => certificate is not null && Trusts(certificate) };
        using var client = new HttpClient(handler);
        try
        {
            using var response = await client.GetAsync(new Uri($"https://localhost:{ports["https"]}{path}"));
            return $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}";
        }
        catch (HttpRequestException)
        {
            return "";
        }
    }

    /// <summary>The certificate of its own that set-up made, or one that it was given later; no other.</summary>
    public bool Trusts(X509Certificate2 certificate) => System.IO.Directory.EnumerateFiles(Path.Combine(Folder, "tls"), "*.pem", SearchOption.AllDirectories).Any(file =>
    {
        var held = new X509Certificate2Collection();
        held.ImportFromPemFile(file);
        return held.Count > 0 && held[0].RawDataMemory.Span.SequenceEqual(certificate.RawDataMemory.Span);
    });

    public ValueTask DisposeAsync()
    {
        process?.Dispose();
        System.IO.Directory.Delete(Folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private async Task SetPortsAsync(string settings)
    {
        var path = Path.Combine(Folder, "sternpost.toml");
        var offset = Harness.Ports.NextOffset();
        var lines = (await File.ReadAllLinesAsync(path)).ToList();
        foreach (var (name, port) in ((string, int)[])[("mx", 2525), ("submission", 2587), ("submissions", 2465), ("imap", 2143), ("imaps", 2993), ("pop3", 2110), ("pop3s", 2995), ("managesieve", 4190), ("https", 2443), ("http", 2081)])
        {
            ports[name] = port + offset;
            var section = lines.IndexOf($"[listeners.{name}]");
            lines.InsertRange(section + 1, ["addresses = [\"127.0.0.1\"]", $"port = {ports[name]}"]);
        }
        // Settings of sections that are there already go into them.
        foreach (var group in settings.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var equals = group.IndexOf('=', StringComparison.Ordinal);
            var dot = group.LastIndexOf('.', equals < 0 ? group.Length - 1 : equals);
            var section = lines.IndexOf($"[{group[..dot]}]");
            var key = group[(dot + 1)..equals].TrimEnd() + " =";
            // What set-up has set is set again, not twice.
            var there = lines.FindIndex(section + 1, line => line.StartsWith('[') || line.StartsWith(key, StringComparison.Ordinal));
            if (there > 0 && !lines[there].StartsWith('[')) lines.RemoveAt(there);
            lines.Insert(section + 1, group[(dot + 1)..]);
        }
        await File.WriteAllLinesAsync(path, lines);
    }
}
