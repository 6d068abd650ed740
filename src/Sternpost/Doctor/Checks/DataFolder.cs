using Sternpost.Setup;

namespace Sternpost.Doctor.Checks;

/// <summary>Whether the data folder is the server's alone: it holds everybody's mail, keys and password hashes.</summary>
internal static class DataFolder
{
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute | UnixFileMode.GroupExecute;
    private const UnixFileMode Readers = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    public static Task<IReadOnlyList<CheckResult>> CheckAsync(Patient patient, CancellationToken cancellation)
    {
        if (OperatingSystem.IsWindows()) return Task.FromResult<IReadOnlyList<CheckResult>>([]);
        var results = new List<CheckResult>();
        var closed = (File.GetUnixFileMode(patient.DataFolder) & Others) == 0;
        if (!closed) results.Add(CheckResult.Failed("Data folder", $"{patient.DataFolder} is open to other users of this computer", $"chmod 700 {patient.DataFolder}"));
        var key = Path.GetFullPath(patient.Configuration.Tls.Key, patient.DataFolder);
        if (File.Exists(key) && (File.GetUnixFileMode(key) & Readers) != 0 && (!closed || !key.StartsWith(patient.DataFolder, StringComparison.Ordinal)))
            results.Add(CheckResult.Failed("Data folder", $"the private key {key} can be read by others", $"chmod 600 {key}; if others use this computer, have the certificate made anew with another key"));
        var configuration = Path.Combine(patient.DataFolder, "sternpost.toml");
        if (File.Exists(configuration) && (File.GetUnixFileMode(configuration) & (UnixFileMode.OtherWrite | UnixFileMode.GroupWrite)) != 0)
            results.Add(CheckResult.Failed("Data folder", $"{configuration} can be changed by others", $"chmod go-w {configuration}"));
        if (results.Count == 0) results.Add(CheckResult.Ok("Data folder", $"{patient.DataFolder} is the server's alone"));
        return Task.FromResult<IReadOnlyList<CheckResult>>(results);
    }
}
