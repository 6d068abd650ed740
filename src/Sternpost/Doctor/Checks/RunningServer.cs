using Sternpost.Setup;

namespace Sternpost.Doctor.Checks;

/// <summary>Whether a server runs on the data folder: it holds a lock there as long as it lives.</summary>
internal static class RunningServer
{
    public static Task<IReadOnlyList<CheckResult>> CheckAsync(Patient patient, CancellationToken cancellation) => Task.FromResult<IReadOnlyList<CheckResult>>(
        [IsRunning(patient.DataFolder)
            ? CheckResult.Ok("Server", $"runs (process {Process(patient.DataFolder)})")
            : CheckResult.Failed("Server", "does not run on this data folder", "Start it: systemctl start sternpost, or 'sternpost serve'. Why it ended: journalctl -u sternpost")]);

    internal static bool IsRunning(string folder)
    {
        try
        {
            // A shared lock is had only where nobody holds the server's own.
            using var file = new FileStream(Path.Combine(folder, "server.lock"), FileMode.Open, FileAccess.Read, FileShare.Read);
            return false;
        }
        catch (Exception none) when (none is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    // Locked to others, not to readers who do not ask for a lock.
    private static string Process(string folder)
    {
        try
        {
            using var file = new FileStream(Path.Combine(folder, "server.lock"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(file);
            return reader.ReadLine() ?? "unknown";
        }
        catch (IOException)
        {
            return "unknown";
        }
    }
}
