using System.Diagnostics;

namespace Sternpost.Scenarios.Harness;

/// <summary>The real program, running in a process of its own; what it says is kept for when a test must tell why.</summary>
public sealed class ServerProcess : IDisposable
{
    private readonly List<string> said = [];
    private readonly Process process;

    private ServerProcess(Process process) => this.process = process;

    public static string Program => Path.Combine(AppContext.BaseDirectory, "sternpost.dll");

    public int Id => process.Id;

    public bool HasExited => process.HasExited;

    public int ExitCode => process.ExitCode;

    /// <summary>Everything it wrote so far, both streams.</summary>
    public string Said
    {
        get { lock (said) { return string.Join('\n', said); } }
    }

    public static ServerProcess Start(params string[] arguments) => StartProgram("dotnet", [Program, .. arguments]);

    /// <summary>Another program, likewise.</summary>
    public static ServerProcess StartProgram(string program, IEnumerable<string> arguments, IDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        var server = new ServerProcess(Process.Start(start) ?? throw new InvalidOperationException("The program did not start."));
        server.process.OutputDataReceived += server.Hear;
        server.process.ErrorDataReceived += server.Hear;
        server.process.BeginOutputReadLine();
        server.process.BeginErrorReadLine();
        return server;
    }

    /// <summary>Waits until <paramref name="isReady"/> says yes; throws with what the program said where it ends first or takes a minute.</summary>
    public async Task WaitAsync(Func<Task<bool>> isReady)
    {
        var clock = Stopwatch.StartNew();
        while (!await isReady())
        {
            if (process.HasExited || clock.Elapsed > TimeSpan.FromSeconds(60)) throw new InvalidOperationException("The program did not become ready:\n" + Said);
            await Task.Delay(20);
        }
    }

    /// <summary>SIGKILL: no handler runs, nothing is flushed.</summary>
    public void Kill()
    {
        process.Kill();
        process.WaitForExit();
    }

    /// <summary>SIGTERM, as a supervisor stops a service; answers the exit code.</summary>
    public async Task<int> TerminateAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", process.Id.ToString()]);
        await kill.WaitForExitAsync();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await process.WaitForExitAsync(deadline.Token);
        return process.ExitCode;
    }

    public void Dispose()
    {
        if (!process.HasExited) Kill();
        process.Dispose();
    }

    private void Hear(object sender, DataReceivedEventArgs line)
    {
        lock (said) said.Add(line.Data ?? "");
    }
}
