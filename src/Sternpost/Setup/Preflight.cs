using System.Net;
using Sternpost.Configuration;
using Sternpost.Dns;
using Sternpost.Setup.Checks;

namespace Sternpost.Setup;

/// <summary>What the checks look at.</summary>
/// <param name="Configuration">The configuration that will be written.</param>
/// <param name="DataFolder">Where data will be.</param>
/// <param name="PublicAddresses">The addresses the world reaches this server by, as far as they are known.</param>
/// <param name="Resolver">DNS.</param>
internal sealed record PreflightSubject(ServerConfiguration Configuration, string DataFolder, IReadOnlyList<IPAddress> PublicAddresses, IDnsResolver Resolver);

/// <summary>Examines the machine before it becomes a mail server. All checks run at the same time and each has its deadline, so that a machine without a network waits seconds, not minutes.</summary>
internal static class Preflight
{
    // Longer than a DNS question with its repeats, short enough to wait for.
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    /// <summary>Adding a check is its file and a line here.</summary>
    private static readonly (string Name, Func<PreflightSubject, CancellationToken, Task<CheckResult>> Run)[] Checks =
    [
        ("Ports", ListeningPorts.CheckAsync),
        ("Other mail software", OtherMailSoftware.CheckAsync),
        ("Port 25 outwards", OutboundPort.CheckAsync),
        ("Host name", HostAddress.CheckAsync),
        ("Reverse DNS", ReverseDns.CheckAsync),
        ("Validated DNS", ValidatedDns.CheckAsync),
        ("Blocklists", Blocklists.CheckAsync),
        ("Clock", Clock.CheckAsync),
        ("Disk", Disk.CheckAsync),
        ("Memory", Memory.CheckAsync),
        ("Virus scanner", ScannerCheck.CheckAsync),
    ];

    /// <summary>Runs all checks; answers in their order.</summary>
    public static async Task<IReadOnlyList<CheckResult>> RunAsync(PreflightSubject subject, CancellationToken cancellation) =>
        await Task.WhenAll(Checks.Select(check => RunAsync(check.Name, check.Run, subject, cancellation)));

    private static async Task<CheckResult> RunAsync(string name, Func<PreflightSubject, CancellationToken, Task<CheckResult>> run, PreflightSubject subject, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(Deadline);
        try
        {
            return await Task.Run(() => run(subject, deadline.Token), cancellation).WaitAsync(Deadline, cancellation);
        }
        catch (Exception late) when (late is TimeoutException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            return CheckResult.Warning(name, "could not be found out in time", "Set-up goes on; run 'sternpost setup' again when the network answers to have it checked.");
        }
    }
}
