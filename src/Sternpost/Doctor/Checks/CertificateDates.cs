using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sternpost.Network.Tls;
using Sternpost.Setup;

namespace Sternpost.Doctor.Checks;

/// <summary>The certificate's dates, names and key.</summary>
internal static class CertificateDates
{
    // Authorities of short certificates renew at a third of their life; two weeks are time enough to mend what does not.
    private static readonly TimeSpan Soon = TimeSpan.FromDays(14);

    public static Task<IReadOnlyList<CheckResult>> CheckAsync(Patient patient, CancellationToken cancellation)
    {
        if (patient.IsDemo) return Task.FromResult<IReadOnlyList<CheckResult>>([CheckResult.Ok("Certificate", "the demo's own")]);
        var path = Path.GetFullPath(patient.Configuration.Tls.Certificate, patient.DataFolder);
        var key = Path.GetFullPath(patient.Configuration.Tls.Key, patient.DataFolder);
        const string Renew = "Have it renewed, put the new files in place and 'systemctl reload sternpost' (kill -HUP).";
        CheckResult result;
        try
        {
            var (leaf, _) = TlsCertificates.FromPem(path, key);
            var until = leaf.NotAfter.ToUniversalTime();
            var host = patient.Configuration.Server.Hostname.Ascii;
            var left = until - DateTime.UtcNow;
            result = left <= TimeSpan.Zero ? CheckResult.Failed("Certificate", $"expired on {until:yyyy-MM-dd}: mail programs refuse it", Renew)
                : leaf.NotBefore.ToUniversalTime() > DateTime.UtcNow ? CheckResult.Failed("Certificate", $"is not valid before {leaf.NotBefore.ToUniversalTime():yyyy-MM-dd}", "Look at the clock of this computer, or wait.")
                : !leaf.MatchesHostname(host) ? CheckResult.Failed("Certificate", $"does not name {host} (it names {leaf.GetNameInfo(X509NameType.DnsName, false)}): mail programs refuse it", $"Get one for {host}, or correct server.hostname.")
                : left < Soon ? CheckResult.Warning("Certificate", $"expires on {until:yyyy-MM-dd}, in {left.TotalDays:0} days", Renew)
                : leaf.Issuer == leaf.Subject ? CheckResult.Warning("Certificate", $"is the server's own, valid until {until:yyyy-MM-dd}; mail programs warn of it", "Get one from an authority (Let's Encrypt, for instance), and name its files in [tls].")
                : CheckResult.Ok("Certificate", $"names {host}, valid until {until:yyyy-MM-dd}");
        }
        catch (Exception bad) when (bad is CryptographicException or IOException or UnauthorizedAccessException)
        {
            result = CheckResult.Failed("Certificate", $"{path} with the key {key} cannot be used: {bad.Message}", "Name the right files in [tls]; a first certificate is made by 'sternpost setup'.");
        }
        return Task.FromResult<IReadOnlyList<CheckResult>>([result]);
    }
}
