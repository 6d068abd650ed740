using Sternpost.Accounts;
using Sternpost.Certificates;
using Sternpost.Configuration;
using Sternpost.Queue.Signing;
using Sternpost.Setup;
using Sternpost.Storage;

namespace Sternpost.Verification;

/// <summary>Whether keys and settings can be read and fit one another.</summary>
internal static class KeyChecks
{
    internal static async Task<CheckResult> SigningKeysAsync(Database database, AccountDirectory directory, CancellationToken cancellation)
    {
        var keys = new DkimKeys(database, TimeProvider.System);
        int read = 0;
        var wrong = new List<string>();
        foreach (var domain in await directory.DomainsAsync(cancellation))
        {
            var (sound, problems) = await keys.VerifyAsync(domain.Name, cancellation);
            read += sound;
            wrong.AddRange(problems);
        }
        return wrong.Count == 0
            ? CheckResult.Ok("signing keys", $"{read} can sign, and belong to what is published")
            : CheckResult.Failed("signing keys", StoredData.Sentences(wrong), "Mail of the domain goes out without that signature. Restore the key from a backup, or make the domain's keys anew and publish them.");
    }

    internal static IEnumerable<CheckResult> Files(string configurationPath, string folder, DateTimeOffset now)
    {
        ServerConfiguration configuration;
        if (!File.Exists(configurationPath))
        {
            yield return CheckResult.Warning("settings", $"there is no {Path.GetFullPath(configurationPath)}", "Name the configuration with --config, so that it and its certificate are checked too.");
            yield break;
        }
        (configuration, var problem) = Load(configurationPath);
        if (problem is not null)
        {
            yield return CheckResult.Failed("settings", problem, "Mend the lines named; sternpost config check reads them again.");
            yield break;
        }
        yield return CheckResult.Ok("settings", Path.GetFullPath(configurationPath));
        foreach (var certificate in Certificates(configuration, folder, now)) yield return certificate;
    }

    private static (ServerConfiguration Configuration, string? Problem) Load(string path)
    {
        try
        {
            return (ConfigurationFile.Load(path), null);
        }
        catch (ConfigurationException wrong)
        {
            return (new ServerConfiguration(), StoredData.Sentences([.. wrong.Problems.Select(problem => problem.ToString())]));
        }
    }

    private static IEnumerable<CheckResult> Certificates(ServerConfiguration configuration, string folder, DateTimeOffset now)
    {
        var shelf = new CertificateShelf(configuration, folder);
        var (held, unusable) = shelf.Read(now, withKeys: true);
        foreach (var bad in unusable)
            yield return CheckResult.Failed("certificate", $"{bad.Path}: {bad.Reason}", bad.Path == shelf.Configured.Certificate ? "Name the right files in the section [tls] of the configuration." : "Bring it in anew ('sternpost certificate import', 'sternpost certificate renew'), or delete the file.");
        if (held.Count + unusable.Count == 0) yield return CheckResult.Failed("certificate", $"{shelf.Configured.Certificate} is not there", "Name the right files in the section [tls] of the configuration.");
        foreach (var certificate in held)
        {
            yield return certificate.Until > now
                ? CheckResult.Ok("certificate", $"{certificate.Path} and its key fit, valid until {certificate.Until.UtcDateTime:u}")
                : CheckResult.Failed("certificate", $"{certificate.Path} ended {certificate.Until.UtcDateTime:u}", "Mail programs refuse it. Put a new one in its place; the server notices within seconds.");
        }
    }
}
