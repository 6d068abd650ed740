using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sternpost.Network.Tls;

/// <summary>
/// The certificates of the server, chosen by the host name the client asks for (SNI). One context per certificate is built
/// and shared, because building it per handshake halves the handshakes per second. Replaceable while running.
/// </summary>
public sealed class TlsCertificates
{
    private volatile Loaded[] loaded;

    /// <summary>Serves the given certificates (leaf with private key, then its chain); the first answers names none covers.</summary>
    public TlsCertificates(params (X509Certificate2 Leaf, X509Certificate2Collection Chain)[] certificates) => loaded = Load(certificates);

    /// <summary>Reads a PEM chain (leaf first) and its PEM key.</summary>
    /// <exception cref="CryptographicException">The files do not hold a certificate and its key.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static (X509Certificate2 Leaf, X509Certificate2Collection Chain) FromPem(string certificateFile, string keyFile)
    {
        var leaf = X509Certificate2.CreateFromPemFile(certificateFile, keyFile);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(certificateFile);
        return (leaf, chain);
    }

    /// <summary>Replaces the certificates for handshakes to come.</summary>
    public void Replace(params (X509Certificate2 Leaf, X509Certificate2Collection Chain)[] certificates) => loaded = Load(certificates);

    /// <summary>The options for one handshake.</summary>
    public ValueTask<SslServerAuthenticationOptions> SelectAsync(SslStream stream, SslClientHelloInfo hello, object? state, CancellationToken cancellation)
    {
        var candidates = loaded;
        var name = hello.ServerName;
        foreach (var candidate in candidates)
        {
            if (Covers(candidate.Leaf, name)) return ValueTask.FromResult(candidate.Options);
        }
        return ValueTask.FromResult(candidates[0].Options);
    }

    /// <summary>Whether a certificate is for a host; false for what can be no host's name, which clients may well send.</summary>
    public static bool Covers(X509Certificate2 certificate, string name) => Uri.CheckHostName(name) is not (UriHostNameType.Unknown or UriHostNameType.Basic) && certificate.MatchesHostname(name);

    /// <summary>The tls-server-end-point data of the certificate a handshake used.</summary>
    internal byte[]? EndPointBinding(X509Certificate? used) =>
        loaded.FirstOrDefault(candidate => candidate.Leaf.Equals(used))?.Binding ?? (used is X509Certificate2 certificate ? Binding(certificate) : null);

    private static Loaded[] Load((X509Certificate2 Leaf, X509Certificate2Collection Chain)[] certificates)
    {
        if (certificates.Length == 0) throw new ArgumentException("At least one certificate is needed.", nameof(certificates));
        return [.. certificates.Select(certificate => new Loaded(
            certificate.Leaf,
            new SslServerAuthenticationOptions
            {
                // RFC 8996, RFC 8997: nothing below TLS 1.2.
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                ServerCertificateContext = SslStreamCertificateContext.Create(certificate.Leaf, certificate.Chain, offline: true),
                ClientCertificateRequired = false,
                AllowRenegotiation = false,
            },
            Binding(certificate.Leaf)))];
    }

    // RFC 5929 §4.1: the hash of the certificate's own signature; MD5 and SHA-1 become SHA-256.
    private static byte[] Binding(X509Certificate2 certificate) => certificate.SignatureAlgorithm.Value switch
    {
        "1.2.840.113549.1.1.12" or "1.2.840.10045.4.3.3" => SHA384.HashData(certificate.RawDataMemory.Span),
        "1.2.840.113549.1.1.13" or "1.2.840.10045.4.3.4" => SHA512.HashData(certificate.RawDataMemory.Span),
        _ => SHA256.HashData(certificate.RawDataMemory.Span),
    };

    private sealed record Loaded(X509Certificate2 Leaf, SslServerAuthenticationOptions Options, byte[] Binding);
}
