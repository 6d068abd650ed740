using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sternpost.Configuration;
using Sternpost.Network.Tls;

namespace Sternpost.Certificates;

/// <summary>Where a certificate comes from.</summary>
internal enum CertificateOrigin
{
    /// <summary>The files that [tls] names.</summary>
    Configured,
    /// <summary>Brought in by 'certificate import'.</summary>
    Imported,
    /// <summary>Ordered by ACME.</summary>
    Acme,
}

/// <summary>A certificate of this server.</summary>
/// <param name="Name">What it is called here: <c>configured</c>, the name of an import, <c>host</c> or a domain.</param>
/// <param name="Origin">Where it comes from.</param>
/// <param name="Path">Its file.</param>
/// <param name="Leaf">The certificate, with its key where the key was read.</param>
/// <param name="Chain">All that its file holds, itself first.</param>
internal sealed record HeldCertificate(string Name, CertificateOrigin Origin, string Path, X509Certificate2 Leaf, X509Certificate2Collection Chain)
{
    /// <summary>Of no authority: mail programs warn of it.</summary>
    public bool IsSelfSigned => Leaf.SubjectName.RawData.AsSpan().SequenceEqual(Leaf.IssuerName.RawData);

    public DateTimeOffset From => Leaf.NotBefore.ToUniversalTime();

    public DateTimeOffset Until => Leaf.NotAfter.ToUniversalTime();

    /// <summary>Host names and addresses it is for.</summary>
    public IReadOnlyList<string> Names => Leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault() is { } names
        ? [.. names.EnumerateDnsNames().Select(name => name.ToLowerInvariant()), .. names.EnumerateIPAddresses().Select(address => address.ToString())]
        : [];

    /// <summary>What a TLSA record pins of it (RFC 7671 §5.1): <c>3 1 1</c>, the key.</summary>
    public string Pin => "3 1 1 " + Convert.ToHexStringLower(SHA256.HashData(Leaf.PublicKey.ExportSubjectPublicKeyInfo()));

    /// <summary>Whether it is for a host, or for all that a name with an asterisk stands for.</summary>
    public bool Covers(string name) => Names.Contains(name) || TlsCertificates.Covers(Leaf, name);

    public bool IsValidAt(DateTimeOffset now) => From <= now && now < Until;
}

/// <summary>A file that should hold a certificate and does not.</summary>
internal sealed record UnusableCertificate(string Path, string Reason);

/// <summary>All certificates of this server on the disk: those of the configuration, those imported, those ordered; in the order in which they are to be shown.</summary>
internal sealed class CertificateShelf(ServerConfiguration configuration, string folder)
{
    /// <summary>What the certificate of the configuration is called.</summary>
    public const string ConfiguredName = "configured";

    /// <summary>What the ordered certificate of the host name is called.</summary>
    public const string HostName = "host";

    private readonly string folder = Path.GetFullPath(folder);

    /// <summary>The folder of what was ordered, with the account's key.</summary>
    public string AcmeFolder => Path.Combine(folder, "tls", "acme");

    /// <summary>The folder of what was imported.</summary>
    public string ImportedFolder => Path.Combine(folder, "tls", "imported");

    /// <summary>The certificate and key of the configuration.</summary>
    public (string Certificate, string Key) Configured => (Path.GetFullPath(configuration.Tls.Certificate, folder), Path.GetFullPath(configuration.Tls.Key, folder));

    /// <summary>The file of a certificate with its chain and its key in one, so that a reader never sees a key without its certificate.</summary>
    public string PathOf(CertificateOrigin origin, string name) => Path.Combine(origin == CertificateOrigin.Acme ? AcmeFolder : ImportedFolder, name + ".pem");

    /// <summary>Reads all; the first that names a host is the one to show for it, and the first of all where no name is asked for.</summary>
    /// <param name="now">When they are to be shown.</param>
    /// <param name="withKeys">Whether keys are read too; without, what the world sees is enough.</param>
    public (IReadOnlyList<HeldCertificate> Certificates, IReadOnlyList<UnusableCertificate> Unusable) Read(DateTimeOffset now, bool withKeys)
    {
        List<HeldCertificate> held = [];
        List<UnusableCertificate> unusable = [];
        foreach (var (name, origin, path, key) in Files())
        {
            try
            {
                var chain = new X509Certificate2Collection();
                chain.ImportFromPemFile(path);
                var leaf = withKeys ? TlsCertificates.FromPem(path, key).Leaf : chain.Count > 0 ? chain[0] : throw new CryptographicException("The file holds no certificate.");
                held.Add(new HeldCertificate(name, origin, path, leaf, chain));
            }
            catch (Exception bad) when (bad is CryptographicException or IOException or UnauthorizedAccessException)
            {
                unusable.Add(new UnusableCertificate(path, bad.Message));
            }
        }
        return (InOrder(held, now), unusable);
    }

    /// <summary>What mail programs accept first; among equals what somebody chose before what was ordered.</summary>
    public IReadOnlyList<HeldCertificate> InOrder(IReadOnlyList<HeldCertificate> held, DateTimeOffset now)
    {
        var host = configuration.Server.Hostname.Ascii;
        return [.. held.OrderBy(certificate => !certificate.Covers(host)).ThenBy(certificate => !certificate.IsValidAt(now)).ThenBy(certificate => certificate.IsSelfSigned)
            .ThenBy(certificate => certificate.Origin).ThenByDescending(certificate => certificate.Until)];
    }

    /// <summary>Whatever the files hold, as one number that changes with them.</summary>
    public string Fingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (_, _, path, key) in Files())
        {
            foreach (var file in (string[])(path == key ? [path] : [path, key]))
            {
                hash.AppendData(System.Text.Encoding.UTF8.GetBytes(file));
                try
                {
                    hash.AppendData(File.ReadAllBytes(file));
                }
                catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
                {
                    hash.AppendData([0]);
                }
            }
        }
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private IEnumerable<(string Name, CertificateOrigin Origin, string Path, string Key)> Files()
    {
        var (certificate, key) = Configured;
        if (File.Exists(certificate) || File.Exists(key)) yield return (ConfiguredName, CertificateOrigin.Configured, certificate, key);
        foreach (var (origin, place) in ((CertificateOrigin, string)[])[(CertificateOrigin.Imported, ImportedFolder), (CertificateOrigin.Acme, AcmeFolder)])
        {
            foreach (var file in InFolder(place))
            {
                var name = Path.GetFileNameWithoutExtension(file);
                // Files that are being written begin with a dot.
                if (!name.StartsWith('.')) yield return (name, origin, file, file);
            }
        }
    }

    // A folder that cannot be looked into holds nothing that could be shown.
    private static IReadOnlyList<string> InFolder(string place)
    {
        try
        {
            return Directory.Exists(place) ? [.. Directory.EnumerateFiles(place, "*.pem").Order(StringComparer.Ordinal)] : [];
        }
        catch (Exception denied) when (denied is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
