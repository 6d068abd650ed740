using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sternpost.Smtp.Client;

/// <summary>A certificate that a server showed, as the record of a delivery keeps it. Names are made fit for one line: strangers write them.</summary>
/// <param name="Subject">Whom it names.</param>
/// <param name="Issuer">Who says so.</param>
/// <param name="NotAfter">Until when it is good.</param>
/// <param name="Sha256">Digest of the whole certificate, lower-case hexadecimal.</param>
public sealed record ShownCertificate(string Subject, string Issuer, DateTimeOffset NotAfter, string Sha256)
{
    private const int MaxName = 120;

    /// <summary>What is kept of a certificate.</summary>
    public static ShownCertificate Of(X509Certificate2 certificate) =>
        new(Clean(certificate.Subject), Clean(certificate.Issuer), new DateTimeOffset(certificate.NotAfter), certificate.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant());

    /// <summary>In words: whose, by whom, until when, and enough of its digest to know it again.</summary>
    public override string ToString() => FormattableString.Invariant($"certificate {Subject} by {Issuer}, until {NotAfter.UtcDateTime:yyyy-MM-dd}, SHA-256 {(Sha256.Length > 16 ? Sha256[..16] : Sha256)}...");

    internal static string Clean(string name) => string.Concat((name.Length > MaxName ? name[..MaxName] + "..." : name).Select(c => char.IsControl(c) ? '?' : c));
}
