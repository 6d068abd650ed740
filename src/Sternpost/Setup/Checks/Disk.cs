namespace Sternpost.Setup.Checks;

/// <summary>Whether the disk below the data folder has room.</summary>
internal static class Disk
{
    private const long Gigabyte = 1_000_000_000;
    private const long Comfortable = 10 * Gigabyte;

    public static Task<CheckResult> CheckAsync(PreflightSubject subject, CancellationToken cancellation)
    {
        var free = new DriveInfo(Path.GetFullPath(subject.DataFolder)).AvailableFreeSpace;
        var finding = $"{free / (double)Gigabyte:0.0} GB free";
        return Task.FromResult(free switch
        {
            >= Comfortable => CheckResult.Ok("Disk", finding),
            >= Gigabyte => CheckResult.Warning("Disk", finding, "Enough to begin with; mail grows. Put the data folder on a larger disk in time."),
            _ => CheckResult.Failed("Disk", finding, "Put the data folder on a disk with some gigabytes free (--data)."),
        });
    }
}
