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

    /// <summary>The certificate, for the record of a delivery; null where none was shown.</summary>
    public ShownCertificate? Certificate => CertificateSha256.Length == 0 ? null
        : new ShownCertificate(ShownCertificate.Clean(CertificateSubject), ShownCertificate.Clean(CertificateIssuer), CertificateExpires, CertificateSha256.ToLowerInvariant());
}
