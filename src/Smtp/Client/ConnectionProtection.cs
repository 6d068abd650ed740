using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sternpost.Smtp.Client;

/// <summary>What TLS came to on one connection.</summary>
/// <param name="Version">For example <c>TLSv1.3</c>.</param>
/// <param name="CipherSuite">The IANA name.</param>
/// <param name="CertificateSubject">Whom the certificate names.</param>
/// <param name="CertificateIssuer">Who says so.</param>
/// <param name="CertificateExpires">Until when.</param>
/// <param name="CertificateSha256">Hex digest of the whole certificate.</param>
/// <param name="CertificateProblem">Why the certificate does not prove the host, in words; null where it does.</param>
public sealed record ConnectionProtection(
    string Version,
    string CipherSuite,
    string CertificateSubject,
    string CertificateIssuer,
    DateTimeOffset CertificateExpires,
    string CertificateSha256,
    string? CertificateProblem)
{
    /// <summary>Whether the certificate proves the host.</summary>
    public bool IsVerified => CertificateProblem is null;

    /// <summary>The host was proved by its TLSA records, not by a public authority.</summary>
    public bool IsByDane { get; init; }

    /// <summary>The kind of <see cref="CertificateProblem"/>.</summary>
    public TlsResultType? ProblemType { get; init; }

    /// <summary>The certificate in words, for the record of a delivery: whose, by whom, until when, and enough of its digest to know it again.</summary>
    public string CertificateInWords =>
        CertificateSha256.Length == 0 ? "no certificate" : InWords(CertificateSubject, CertificateIssuer, CertificateExpires, CertificateSha256);

    /// <summary>The same of a certificate that was turned down, so that there is no connection to describe.</summary>
    internal static string InWords(X509Certificate2 certificate) =>
        InWords(certificate.Subject, certificate.Issuer, new DateTimeOffset(certificate.NotAfter), certificate.GetCertHashString(HashAlgorithmName.SHA256));

    // Names come from strangers; the record is one line of text.
    private static string InWords(string subject, string issuer, DateTimeOffset expires, string digest) =>
        FormattableString.Invariant($"certificate {Clean(subject)} by {Clean(issuer)}, until {expires.UtcDateTime:yyyy-MM-dd}, SHA-256 {digest[..16].ToLowerInvariant()}...");

    private static string Clean(string name) => string.Concat((name.Length > 120 ? name[..120] + "..." : name).Select(c => char.IsControl(c) ? '?' : c));
}
