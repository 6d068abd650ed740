namespace Sternpost.Setup.Checks;

/// <summary>Whether there is memory enough.</summary>
internal static class Memory
{
    private const long Megabyte = 1_000_000;
    private const long Enough = 900 * Megabyte;
    private const long Least = 400 * Megabyte;

    public static Task<CheckResult> CheckAsync(PreflightSubject subject, CancellationToken cancellation)
    {
        // Counts a container's limit as well as the machine.
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        var finding = $"{memory / Megabyte} MB";
        return Task.FromResult(memory switch
        {
            >= Enough => CheckResult.Ok("Memory", finding),
            >= Least => CheckResult.Warning("Memory", finding, "Enough for a small server; 1 GB is comfortable."),
            _ => CheckResult.Failed("Memory", finding, "At least 400 MB are needed; 1 GB is comfortable."),
        });
    }
}
