using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sternpost.Composition;

/// <summary>Makes certificates for where no public authority is asked: the demo's own authority and the first certificate of a new server.</summary>
internal static class CertificateMaker
{
    // Clients refuse leaves that live longer (CA/Browser Forum baseline, 398 days).
    private static readonly TimeSpan LeafLife = TimeSpan.FromDays(397);
    private static readonly TimeSpan AuthorityLife = TimeSpan.FromDays(3650);
    // Clocks of clients may be a little behind.
    private static readonly TimeSpan Skew = TimeSpan.FromHours(1);

    /// <summary>A certificate authority of its own name.</summary>
    public static X509Certificate2 Authority(string name, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return request.CreateSelfSigned(now - Skew, now + AuthorityLife);
    }

    /// <summary>A server certificate from <paramref name="authority"/>, or self-signed where that is null.</summary>
    public static X509Certificate2 Leaf(X509Certificate2? authority, IReadOnlyList<string> names, IReadOnlyList<IPAddress> addresses, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={names[0]}", key, HashAlgorithmName.SHA256);
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names) alternatives.AddDnsName(name);
        foreach (var address in addresses) alternatives.AddIpAddress(address);
        request.CertificateExtensions.Add(alternatives.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1", "serverAuth")], critical: false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        if (authority is null) return request.CreateSelfSigned(now - Skew, now + LeafLife);
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        var serial = RandomNumberGenerator.GetBytes(16);
        // RFC 5280 §4.1.2.2: positive, and not empty of its first octet.
        serial[0] = (byte)((serial[0] & 0x7F) | 0x40);
        using var signed = request.Create(authority, now - Skew, now + LeafLife, serial);
        return signed.CopyWithPrivateKey(key);
    }

    /// <summary>Writes certificate (and chain) and key as PEM; the key readable by its owner alone from the first byte on.</summary>
    public static void Write(X509Certificate2 certificate, X509Certificate2? chain, string certificatePath, string keyPath)
    {
        PrivateFile.Folder(Path.GetDirectoryName(Path.GetFullPath(certificatePath))!);
        using var key = certificate.GetECDsaPrivateKey() ?? throw new InvalidOperationException("The certificate was made without its key.");
        PrivateFile.Write(keyPath, key.ExportPkcs8PrivateKeyPem() + "\n");
        File.WriteAllText(certificatePath, certificate.ExportCertificatePem() + "\n" + (chain is null ? "" : chain.ExportCertificatePem() + "\n"));
    }
}
