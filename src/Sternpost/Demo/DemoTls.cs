using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sternpost.Composition;

namespace Sternpost.Demo;

/// <summary>The demo's own certificate authority and the certificate it gave the demo; kept from start to start, so that a client trusts it once.</summary>
internal static class DemoTls
{
    private static readonly TimeSpan Renewal = TimeSpan.FromDays(30);

    public static string AuthorityPath(string folder) => Path.GetFullPath(Path.Combine(folder, "tls", "ca.pem"));

    /// <summary>Makes what is missing or about to expire; answers the authority.</summary>
    public static X509Certificate2 Ensure(string folder, string certificatePath, string keyPath, IReadOnlyList<string> names, DateTimeOffset now)
    {
        var authority = Authority(folder, now, out var isNew);
        if (isNew || !IsGood(certificatePath, keyPath, now))
        {
            using var leaf = CertificateMaker.Leaf(authority, names, [IPAddress.Loopback, IPAddress.IPv6Loopback], now);
            CertificateMaker.Write(leaf, authority, certificatePath, keyPath);
        }
        return authority;
    }

    private static X509Certificate2 Authority(string folder, DateTimeOffset now, out bool isNew)
    {
        var (path, keyPath) = (AuthorityPath(folder), Path.Combine(folder, "tls", "ca-key.pem"));
        isNew = !IsGood(path, keyPath, now);
        if (isNew)
        {
            using var made = CertificateMaker.Authority("Sternpost demo", now);
            CertificateMaker.Write(made, null, path, keyPath);
        }
        return X509Certificate2.CreateFromPemFile(path, keyPath);
    }

    private static bool IsGood(string certificatePath, string keyPath, DateTimeOffset now)
    {
        if (!File.Exists(certificatePath) || !File.Exists(keyPath)) return false;
        try
        {
            using var certificate = X509Certificate2.CreateFromPemFile(certificatePath, keyPath);
            return certificate.NotAfter.ToUniversalTime() > (now + Renewal).UtcDateTime;
        }
        catch (CryptographicException)
        {
            // Cut short by a crash: made anew.
            return false;
        }
    }
}
