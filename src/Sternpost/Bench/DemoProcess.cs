using System.Diagnostics;
using System.Text.Json;
using Sternpost.Commands;
using Sternpost.Demo;

namespace Sternpost.Bench;

/// <summary>A demo of our own in another process, so that its processor time is not mixed with the client's.</summary>
internal sealed class DemoProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(60);
    // Far from the demo's own ports, so that a demo already running is left alone.
    private const int PortOffset = 20_000;

    private readonly Process process;
    private readonly string folder;

    private DemoProcess(Process process, string folder) => (this.process, this.folder) = (process, folder);

    public int Id => process.Id;

    public int MxPort => new DemoPorts(PortOffset).Mx;

    public int HttpsPort => new DemoPorts(PortOffset).Https;

    public int ImapsPort => new DemoPorts(PortOffset).Imaps;

    /// <summary>The password of one of its accounts; null where there is no such account.</summary>
    public string? PasswordOf(string address)
    {
        using var facts = JsonDocument.Parse(File.ReadAllBytes(DemoFile.PathIn(folder)));
        foreach (var account in facts.RootElement.GetProperty("accounts").EnumerateArray())
        {
            if (account.GetProperty("address").GetString() == address) return account.GetProperty("password").GetString();
        }
        return null;
    }

    /// <summary>Starts it on a new folder and waits until all listeners accept and the scene is over.</summary>
    public static Task<DemoProcess> StartAsync(CancellationToken cancellation) => StartAsync(Directory.CreateTempSubdirectory("sternpost-bench-").FullName, cancellation);

    /// <summary>The same on a folder that holds mail already; it is deleted in the end.</summary>
    public static async Task<DemoProcess> StartAsync(string folder, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet") start.ArgumentList.Add(typeof(DemoProcess).Assembly.Location);
        foreach (var argument in (string[])["demo", "--data", folder, "--port-offset", PortOffset.ToString(), "--no-scene"]) start.ArgumentList.Add(argument);
        var process = Process.Start(start) ?? throw new OperationFailedException("A demo could not be started.");
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        var complaints = new List<string>();
        process.ErrorDataReceived += (_, line) => { if (line.Data is not null && complaints.Count < 50) complaints.Add(line.Data); };
        process.BeginErrorReadLine();
        var demo = new DemoProcess(process, folder);
        try
        {
            var clock = Stopwatch.StartNew();
            while (!File.Exists(DemoFile.PathIn(folder)))
            {
                if (process.HasExited || clock.Elapsed > StartDeadline) throw new OperationFailedException("The demo to load did not start:\n" + string.Join('\n', complaints));
                await Task.Delay(50, cancellation);
            }
            return demo;
        }
        catch
        {
            await demo.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited) process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        Directory.Delete(folder, recursive: true);
    }
}
