using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sternpost.Scenarios.Transport;

/// <summary>The certificates of a lab: one authority, and for each server a key that stays while its certificate changes.</summary>
internal sealed class LabCertificates : IDisposable
{
    private static readonly DateTimeOffset Begin = DateTimeOffset.UtcNow.AddYears(-1), End = DateTimeOffset.UtcNow.AddYears(1);

    private readonly string folder;
    private readonly X509Certificate2 authority;

    internal LabCertificates(string folder)
    {
        this.folder = folder;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Lab authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        authority = request.CreateSelfSigned(Begin, End);
        File.WriteAllText(Authority, authority.ExportCertificatePem());
    }

    internal string Authority => Path.Combine(folder, "authority.pem");

    /// <summary>Writes <c>NAME.pem</c> (certificate and authority), <c>NAME.key</c> and <c>NAME.chain</c> (all of them, as Postfix wants it); answers the key's TLSA data (3 1 1).</summary>
    internal string Write(string name, string[] hosts, bool expired = false)
    {
        var keyFile = Path.Combine(folder, name + ".key");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        if (File.Exists(keyFile)) key.ImportFromPem(File.ReadAllText(keyFile));
        else File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
        var request = new CertificateRequest("CN=" + hosts[0], key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in hosts) names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(authority, Begin, expired ? DateTimeOffset.UtcNow.AddDays(-1) : End, RandomNumberGenerator.GetBytes(8));
        var chain = certificate.ExportCertificatePem() + "\n" + authority.ExportCertificatePem() + "\n";
        File.WriteAllText(Path.Combine(folder, name + ".pem"), chain);
        File.WriteAllText(Path.Combine(folder, name + ".chain"), File.ReadAllText(keyFile) + "\n" + chain);
        return Convert.ToHexString(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));
    }

    internal string FileOf(string name) => Path.Combine(folder, name);

    public void Dispose() => authority.Dispose();
}
