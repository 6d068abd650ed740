using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace Sternpost.Scenarios.Harness;

/// <summary>The real program running <c>demo</c> in a process of its own on a folder of its own; ports are offset so that several can run.</summary>
public sealed class DemoServer : IMailServer, IAsyncDisposable
{
    private readonly int portOffset;
    private readonly string[] extraArguments;
    private IDictionary<string, string>? environment;
    private ServerProcess process = null!;

    private DemoServer(string folder, int portOffset, string[] extraArguments)
    {
        Folder = folder;
        this.portOffset = portOffset;
        this.extraArguments = extraArguments;
    }

    public string Folder { get; }

    public string CertificateAuthority { get; private set; } = "";

    public IReadOnlyDictionary<string, int> Ports { get; private set; } = new Dictionary<string, int>();

    public IReadOnlyDictionary<string, string> Passwords { get; private set; } = new Dictionary<string, string>();

    /// <summary>From starting the process to all listeners accepting.</summary>
    public TimeSpan TimeToReady { get; private set; }

    /// <summary>Everything the program said since it was launched last.</summary>
    public string Said => process.Said;

    /// <summary>The database and its write-ahead log cannot be seen half written here: a folder of its own per server.</summary>
    public static Task<DemoServer> StartAsync(params string[] extraArguments) => StartAsync(null, extraArguments);

    /// <summary>The same with further environment variables.</summary>
    public static async Task<DemoServer> StartAsync(IDictionary<string, string>? environment, params string[] extraArguments)
    {
        var server = new DemoServer(
            Path.Combine(Path.GetTempPath(), "sternpost-scenario-" + Guid.NewGuid().ToString("n")[..12]),
            Harness.Ports.NextOffset(),
            extraArguments)
        { environment = environment };
        System.IO.Directory.CreateDirectory(server.Folder);
        await server.LaunchAsync();
        return server;
    }

    /// <summary>SIGKILL: no handler runs, nothing is flushed.</summary>
    public void Kill() => process.Kill();

    /// <summary>SIGTERM; answers the exit code.</summary>
    public Task<int> TerminateAsync() => process.TerminateAsync();

    /// <summary>Starts the program again on the same folder.</summary>
    public async Task LaunchAsync()
    {
        var facts = Path.Combine(Folder, "demo.json");
        var earlier = File.Exists(facts) ? File.GetLastWriteTimeUtc(facts) : DateTime.MinValue;
        process?.Dispose();
        var clock = Stopwatch.StartNew();
        process = ServerProcess.StartProgram("dotnet", [ServerProcess.Program, "demo", "--data", Folder, "--port-offset", portOffset.ToString(), .. extraArguments], environment);
        await process.WaitAsync(() => Task.FromResult(File.Exists(facts) && File.GetLastWriteTimeUtc(facts) != earlier));
        TimeToReady = clock.Elapsed;
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(facts));
        Ports = json.RootElement.GetProperty("ports").EnumerateObject()
            .Where(port => port.Value.ValueKind == JsonValueKind.Number)
            .ToDictionary(port => port.Name, port => port.Value.GetInt32());
        Passwords = json.RootElement.GetProperty("accounts").EnumerateArray()
            .ToDictionary(account => account.GetProperty("address").GetString()!, account => account.GetProperty("password").GetString()!);
        CertificateAuthority = json.RootElement.GetProperty("ca").GetString()!;
    }

    public ValueTask DisposeAsync()
    {
        process.Dispose();
        System.IO.Directory.Delete(Folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>Trusts the demo's own CA and nothing else.</summary>
    public bool Trusts(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.ImportFromPemFile(CertificateAuthority);
        return chain.Build(certificate);
    }
}
