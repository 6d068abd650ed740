using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sternpost.Unit.Queue.TransportSecurity;

/// <summary>A certificate authority of a test's own.</summary>
internal sealed class TestAuthority : IDisposable
{
    // Wide, because some clocks here are a test's own and TLS itself goes by the real one.
    private static readonly DateTimeOffset Begin = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), End = new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    internal TestAuthority(string name = "authority", TestAuthority? above = null)
    {
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        if (above is null)
        {
            Certificate = request.CreateSelfSigned(Begin, End);
            return;
        }
        using var signed = request.Create(above.Certificate, Begin, End, RandomNumberGenerator.GetBytes(8));
        Certificate = signed.CopyWithPrivateKey(key);
    }

    internal X509Certificate2 Certificate { get; }

    /// <summary>A server's certificate; expired where asked.</summary>
    internal X509Certificate2 Leaf(string name, bool expired = false)
    {
        using var leafKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + name, leafKey, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        using var signed = request.Create(Certificate, Begin, expired ? Begin.AddYears(1) : End, RandomNumberGenerator.GetBytes(8));
        return signed.CopyWithPrivateKey(leafKey);
    }

    /// <summary>What a server shows: the leaf, and the authorities above it.</summary>
    internal SslStreamCertificateContext Shown(X509Certificate2 leaf, params TestAuthority[] others) =>
        SslStreamCertificateContext.Create(leaf, [Certificate, .. others.Select(other => other.Certificate)], offline: true);

    public void Dispose()
    {
        Certificate.Dispose();
        key.Dispose();
    }
}
