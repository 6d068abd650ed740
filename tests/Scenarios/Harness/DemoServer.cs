using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace Sternpost.Scenarios.Harness;

/// <summary>The real program running <c>demo</c> in a process of its own on a folder of its own; ports are offset so that several can run.</summary>
public sealed class DemoServer : IAsyncDisposable
{
    private static int nextOffset = 10000 + (Environment.ProcessId % 400 * 50);
    private readonly int portOffset;
    private readonly string[] extraArguments;
    private Process process = null!;

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

    public int ProcessId => process.Id;

    /// <summary>The database and its write-ahead log cannot be seen half written here: a folder of its own per server.</summary>
    public static async Task<DemoServer> StartAsync(params string[] extraArguments)
    {
        var server = new DemoServer(
            Path.Combine(Path.GetTempPath(), "sternpost-scenario-" + Guid.NewGuid().ToString("n")[..12]),
            Interlocked.Add(ref nextOffset, 7),
            extraArguments);
        System.IO.Directory.CreateDirectory(server.Folder);
        await server.LaunchAsync();
        return server;
    }

    /// <summary>SIGKILL: no handler runs, nothing is flushed.</summary>
    public void Kill()
    {
        process.Kill();
        process.WaitForExit();
    }

    /// <summary>Starts the program again on the same folder.</summary>
    public async Task LaunchAsync()
    {
        var facts = Path.Combine(Folder, "demo.json");
        File.Delete(facts);
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])[Program, "demo", "--data", Folder, "--port-offset", portOffset.ToString(), .. extraArguments])
        {
            start.ArgumentList.Add(argument);
        }
        var clock = Stopwatch.StartNew();
        process = Process.Start(start) ?? throw new InvalidOperationException("The program did not start.");
        var said = new List<string>();
        process.OutputDataReceived += (_, line) => { lock (said) { said.Add(line.Data ?? ""); } };
        process.ErrorDataReceived += (_, line) => { lock (said) { said.Add(line.Data ?? ""); } };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        while (!File.Exists(facts))
        {
            if (process.HasExited || clock.Elapsed > TimeSpan.FromSeconds(60))
            {
                lock (said) { throw new InvalidOperationException("demo did not become ready:\n" + string.Join('\n', said)); }
            }
            await Task.Delay(20);
        }
        TimeToReady = clock.Elapsed;
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(facts));
        Ports = json.RootElement.GetProperty("ports").EnumerateObject()
            .Where(port => port.Value.ValueKind == JsonValueKind.Number)
            .ToDictionary(port => port.Name, port => port.Value.GetInt32());
        Passwords = json.RootElement.GetProperty("accounts").EnumerateArray()
            .ToDictionary(account => account.GetProperty("address").GetString()!, account => account.GetProperty("password").GetString()!);
        CertificateAuthority = json.RootElement.GetProperty("ca").GetString()!;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            Kill();
        }
        process.Dispose();
        await Task.CompletedTask;
        System.IO.Directory.Delete(Folder, recursive: true);
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

    private static string Program => Path.Combine(AppContext.BaseDirectory, "sternpost.dll");
}
