using System.Diagnostics;

namespace Sternpost.Scenarios.Harness;

/// <summary>A program we did not write, run to its end. A test that needs one that is not here is skipped by name.</summary>
public static class Peer
{
    public sealed record Outcome(int ExitCode, string Output, string Errors);

    public static void Need(string program) =>
        Assert.SkipUnless(Find(program) is not null, $"{program} is not installed here; ./test installs it.");

    public static async Task<Outcome> RunAsync(string program, IEnumerable<string> arguments, string? input = null, string? folder = null, IDictionary<string, string>? environment = null, TimeSpan? patience = null, byte[]? octets = null)
    {
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = System.Text.Encoding.Latin1,
            WorkingDirectory = folder ?? "",
        };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        if (input is not null) await process.StandardInput.WriteAsync(input);
        if (octets is not null) await process.StandardInput.BaseStream.WriteAsync(octets);
        process.StandardInput.Close();
        using var deadline = new CancellationTokenSource(patience ?? TimeSpan.FromSeconds(120));
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} did not end in time:\n{await output}\n{await errors}");
        }
        return new Outcome(process.ExitCode, await output, await errors);
    }

    private static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
}
