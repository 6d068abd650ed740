using System.Diagnostics;
using Sternpost.Commands;

namespace Sternpost.Bench.Outbound;

/// <summary>This program once more, in a process of its own, spoken to in lines.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process process;
    private readonly string errors;

    private ChildProcess(Process process, string errors) => (this.process, this.errors) = (process, errors);

    public int Id => process.Id;

    /// <summary>Starts it; its log goes to a file.</summary>
    public static ChildProcess Start(string errors, params string[] arguments)
    {
        // A shell turns the log over, so that reading it costs nobody.
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var argument in (string[])["-c", "log=$1; shift; exec \"$@\" 2>>\"$log\"", "sh", errors, Environment.ProcessPath!]) start.ArgumentList.Add(argument);
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet") start.ArgumentList.Add(typeof(ChildProcess).Assembly.Location);
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        return new ChildProcess(Process.Start(start) ?? throw new OperationFailedException("A process could not be started."), errors);
    }

    /// <summary>Says a line and reads one; only reads where <paramref name="line"/> is null.</summary>
    public async Task<string> AskAsync(string? line, CancellationToken cancellation)
    {
        if (line is not null) await process.StandardInput.WriteLineAsync(line.AsMemory(), cancellation);
        return await process.StandardOutput.ReadLineAsync(cancellation).AsTask().WaitAsync(Patience, cancellation)
            ?? throw new OperationFailedException("A process of the measurement ended:\n" + string.Join('\n', File.ReadLines(errors).TakeLast(20)));
    }

    /// <summary>As <c>kill -9</c>.</summary>
    public void Kill() => process.Kill();

    /// <summary>Lets it end by itself.</summary>
    public async Task EndAsync()
    {
        process.StandardInput.Close();
        await process.WaitForExitAsync().WaitAsync(Patience);
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited) process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }
}
