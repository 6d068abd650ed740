using Sternpost.Doctor.Checks;
using Sternpost.Setup;
using Sternpost.Setup.Checks;

namespace Sternpost.Doctor;

/// <summary>All that <c>doctor</c> looks at. Checks run at the same time, each with its deadline.</summary>
internal static class Examination
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    /// <summary>Adding a check is its file and a line here. What asks anything outside this computer says so.</summary>
    private static readonly (string Name, bool Outside, Func<Patient, CancellationToken, Task<IReadOnlyList<CheckResult>>> Run)[] Checks =
    [
        ("Server", false, RunningServer.CheckAsync),
        ("Data folder", false, DataFolder.CheckAsync),
        ("Disk", false, (patient, cancellation) => One(Disk.CheckAsync(patient.Machine, cancellation))),
        ("Memory", false, (patient, cancellation) => One(Memory.CheckAsync(patient.Machine, cancellation))),
        ("Listeners", false, Listeners.CheckAsync),
        ("Certificate", false, CertificateDates.CheckAsync),
        ("Queue", false, QueueHealth.CheckAsync),
        ("Accounts", false, AccountHealth.CheckAsync),
        ("Filter", false, FilterState.CheckAsync),
        ("DNS resolver", false, ResolverChoice.CheckAsync),
        ("Programs that send", false, SendingPrograms.CheckAsync),
        ("PHP", false, PhpMail.CheckAsync),
        ("Other mail software", false, (patient, cancellation) => One(OtherMailSoftware.CheckAsync(patient.Machine, cancellation))),
        ("Backup", false, LastBackup.CheckAsync),
        ("Clock", true, (patient, cancellation) => One(Clock.CheckAsync(patient.Machine, cancellation))),
        ("Validated DNS", true, (patient, cancellation) => One(ValidatedDns.CheckAsync(patient.Machine, cancellation))),
        ("Host name", true, (patient, cancellation) => One(HostAddress.CheckAsync(patient.Machine, cancellation))),
        ("Reverse DNS", true, (patient, cancellation) => One(ReverseDns.CheckAsync(patient.Machine, cancellation))),
        ("Port 25 outwards", true, (patient, cancellation) => One(OutboundPort.CheckAsync(patient.Machine, cancellation))),
        ("DNS records", true, PublishedDns.CheckAsync),
        ("Blocklists", true, OwnListings.CheckAsync),
    ];

    /// <summary>What changes outside without anybody's doing here, and is therefore looked at again and again by the running server.</summary>
    internal static readonly IReadOnlyList<string> Watched = ["Certificate", "Reverse DNS", "Host name", "DNS records", "Blocklists"];

    /// <summary>Runs the checks; answers in their order.</summary>
    /// <param name="patient">The installation.</param>
    /// <param name="outside">False asks nothing outside this computer.</param>
    /// <param name="only">Names of checks to run; null for all.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task<IReadOnlyList<CheckResult>> RunAsync(Patient patient, bool outside, IReadOnlyList<string>? only, CancellationToken cancellation)
    {
        var asked = Checks.Where(check => only is null || only.Contains(check.Name));
        return [.. (await Task.WhenAll(asked.Select(check => check.Outside && (!outside || patient.IsDemo)
            ? Task.FromResult<IReadOnlyList<CheckResult>>([new CheckResult(check.Name, CheckLevel.Skipped, patient.IsDemo ? "not looked at: a demo has nothing to do with the world" : "not looked at, because of --no-network", "")])
            : RunAsync(check.Name, check.Run, patient, cancellation)))).SelectMany(results => results)];
    }

    private static async Task<IReadOnlyList<CheckResult>> RunAsync(string name, Func<Patient, CancellationToken, Task<IReadOnlyList<CheckResult>>> run, Patient patient, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(Deadline);
        try
        {
            return await Task.Run(() => run(patient, deadline.Token), cancellation).WaitAsync(Deadline, cancellation);
        }
        catch (Exception late) when (late is TimeoutException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            return [CheckResult.Unknown(name, "could not be found out in time", "Try again when the network or the disk answers.")];
        }
        catch (Exception denied) when (denied is UnauthorizedAccessException or IOException)
        {
            return [CheckResult.Unknown(name, "could not be looked at: " + denied.Message, "Run doctor as the server's user or as root.")];
        }
    }

    private static async Task<IReadOnlyList<CheckResult>> One(Task<CheckResult> check) => [await check];
}
