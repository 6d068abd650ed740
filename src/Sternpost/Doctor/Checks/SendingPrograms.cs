using Sternpost.Sendmail;
using Sternpost.Setup;

namespace Sternpost.Doctor.Checks;

/// <summary>What stands at the name sendmail, and whether mail of this computer's programs waits unfetched.</summary>
internal static class SendingPrograms
{
    private static readonly string[] Paths = ["/usr/sbin/sendmail", "/usr/lib/sendmail", "/usr/bin/sendmail"];
    private static readonly string[] Others = ["/usr/bin/msmtp", "/usr/sbin/ssmtp", "/usr/bin/esmtp", "/usr/bin/nullmailer-inject", "/usr/sbin/exim4", "/usr/sbin/exim", "/usr/sbin/postdrop", "/usr/bin/dma", "/usr/sbin/dma"];
    private static readonly TimeSpan Unfetched = TimeSpan.FromMinutes(5);

    public static Task<IReadOnlyList<CheckResult>> CheckAsync(Patient patient, CancellationToken cancellation)
    {
        var results = new List<CheckResult>();
        var sites = patient.Configuration.Sites;
        var there = Paths.Select(patient.File).FirstOrDefault(File.Exists);
        if (there is not null && !IsOurs(there))
            results.Add(CheckResult.Warning("Programs that send", $"{there} is {Product(there)}, not this server's: what programs of this computer send goes past its limits, filter and trace",
                "Put this one in its place: dpkg-divert --local --rename --add /usr/sbin/sendmail, then ln -s /opt/sternpost/sternpost /usr/sbin/sendmail (docs/operations/web-applications.md)."));
        else if (there is not null && sites.Socket.Length == 0)
            results.Add(CheckResult.Failed("Programs that send", $"{there} hands mail to this server, but sites.socket is not set, so nobody takes it", "Set sites.socket = \"/run/sternpost/sendmail.sock\" and sites.spool = \"/var/spool/sternpost\", and restart the server."));
        var beside = Others.Select(patient.File).Where(File.Exists).ToList();
        if (beside.Count > 0) results.Add(CheckResult.Warning("Programs that send", $"{string.Join(", ", beside)} can send mail from this computer as well", "Remove what is not needed (apt purge), or close port 25 outwards to all users but the server's."));
        if (OperatingSystem.IsLinux() && sites.Spool.Length > 0) results.AddRange(Waiting(sites.Spool));
        if (results.Count == 0) results.Add(CheckResult.Ok("Programs that send", there is null ? "there is no sendmail on this computer" : $"{there} is this server's"));
        return Task.FromResult<IReadOnlyList<CheckResult>>(results);
    }

    [System.Runtime.Versioning.SupportedOSPlatform("linux")]
    private static IEnumerable<CheckResult> Waiting(string spool)
    {
        if (!Directory.Exists(spool)) yield break;
        var mode = File.GetUnixFileMode(spool);
        if (mode != DropFolder.SharedMode) yield return CheckResult.Warning("Programs that send", $"{spool} has not the mode 3733: programs could not leave mail there, or see that of others", $"chmod 3733 {spool}");
        var late = new DropFolder(spool).Waiting().Count(name => long.TryParse(name[..14], out var made) && DateTimeOffset.UtcNow - DateTimeOffset.FromUnixTimeMilliseconds(made) > Unfetched);
        if (late > 0) yield return CheckResult.Failed("Programs that send", $"{late} {(late == 1 ? "message waits" : "messages wait")} in {spool} that the server does not fetch", "Is the server running, and is sites.spool this folder? The log says why a message is not taken.");
    }

    internal static bool IsOurs(string path)
    {
        var target = Resolved(path);
        return Path.GetFileName(target) == "sternpost" || (new FileInfo(target).Length < 4096 && File.ReadAllText(target).Contains("sternpost", StringComparison.Ordinal));
    }

    private static string Product(string path) => Path.GetFileName(Resolved(path)) is var name && name == "sendmail" ? "another program" : name;

    private static string Resolved(string path) => File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
}
