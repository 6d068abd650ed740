using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Sternpost.Acme;

/// <summary>The certificate that answers a challenge by TLS (RFC 8737).</summary>
public static class TlsAlpnChallenge
{
    /// <summary>The application protocol that asks for it (RFC 8737 §6.2).</summary>
    public const string Protocol = "acme-tls/1";

    // RFC 8737 §6.1.
    private const string Extension = "1.3.6.1.5.5.7.1.31";

    /// <summary>Makes it (RFC 8737 §3): the name alone, and the hash of the answer in an extension nobody may pass over.</summary>
    public static X509Certificate2 Certificate(AcmeIdentifier name, string answer, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=challenge", key, HashAlgorithmName.SHA256);
        var alternatives = new SubjectAlternativeNameBuilder();
        if (name.Address is { } address) alternatives.AddIpAddress(address);
        else alternatives.AddDnsName(name.Value);
        request.CertificateExtensions.Add(alternatives.Build());
        var hash = new AsnWriter(AsnEncodingRules.DER);
        hash.WriteOctetString(SHA256.HashData(Encoding.ASCII.GetBytes(answer)));
        request.CertificateExtensions.Add(new X509Extension(Extension, hash.Encode(), critical: true));
        return request.CreateSelfSigned(now.AddHours(-1), now.AddDays(1));
    }

    /// <summary>The name that the authority asks for: itself, or the reverse name of an address (RFC 8738 §6).</summary>
    public static string ServerName(AcmeIdentifier name) => name.Address is { } address ? Reverse(address) : name.Value;

    private static string Reverse(IPAddress address)
    {
        var octets = address.GetAddressBytes();
        return octets.Length == 4
            ? string.Join('.', octets.Reverse()) + ".in-addr.arpa"
            : string.Join('.', Convert.ToHexStringLower(octets).Reverse()) + ".ip6.arpa";
    }
}
