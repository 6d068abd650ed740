using Sternpost.Setup;

namespace Sternpost.Doctor.Checks;

/// <summary>How old the last backup is: making one leaves its date in the data folder.</summary>
internal static class LastBackup
{
    private const string Mark = "last-backup";
    private static readonly TimeSpan Fresh = TimeSpan.FromDays(2);

    /// <summary>Notes that a backup of a data folder was made just now.</summary>
    public static void Note(string folder) => File.WriteAllText(Path.Combine(folder, Mark), "");

    public static Task<IReadOnlyList<CheckResult>> CheckAsync(Patient patient, CancellationToken cancellation)
    {
        var mark = Path.Combine(patient.DataFolder, Mark);
        var age = File.Exists(mark) ? DateTime.UtcNow - File.GetLastWriteTimeUtc(mark) : (TimeSpan?)null;
        CheckResult result = age is null
            ? patient.IsDemo ? CheckResult.Ok("Backup", "a demo needs none")
                : CheckResult.Warning("Backup", "none was made of this data folder, as far as is known here", $"sternpost backup FOLDER, every night (docs/operations/backup.md). Where another program makes it, let it end with: touch {mark}")
            : age <= Fresh ? CheckResult.Ok("Backup", $"{age.Value.TotalHours:0} hours old")
            : CheckResult.Warning("Backup", $"{age.Value.TotalDays:0} days old", "Look why it is not made any more.");
        return Task.FromResult<IReadOnlyList<CheckResult>>([result]);
    }
}
