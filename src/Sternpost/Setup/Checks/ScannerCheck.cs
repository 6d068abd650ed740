namespace Sternpost.Setup.Checks;

/// <summary>Whether ClamAV's daemon runs here; then it is written into the configuration.</summary>
internal static class ScannerCheck
{
    private const string Name = "Virus scanner";

    // Where the packages of Debian, of Fedora and of FreeBSD put it.
    private static readonly string[] Sockets = ["/run/clamav/clamd.ctl", "/run/clamd.scan/clamd.sock", "/var/run/clamav/clamd.sock"];

    /// <summary>The daemon's socket; null where it does not run.</summary>
    public static string? Socket => Array.Find(Sockets, File.Exists);

    public static Task<CheckResult> CheckAsync(PreflightSubject subject, CancellationToken cancellation) => Task.FromResult(Socket is { } socket
        ? CheckResult.Ok(Name, $"ClamAV listens at {socket} and is asked about every message")
        : CheckResult.Warning(Name, "ClamAV does not run here; attachments are looked into without a scanner", "For a scanner: apt install clamav-daemon, then malware.scanners = [\"clamd:/run/clamav/clamd.ctl\"] and a restart"));
}
