using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sternpost.Acme;

/// <summary>A way to show an authority that a name is ours (RFC 8555 §8).</summary>
public interface IChallengeWay
{
    /// <summary><c>http-01</c>, <c>tls-alpn-01</c> or <c>dns-01</c>.</summary>
    string Type { get; }

    /// <summary>Shows the answer; null where it is there for the world to see, otherwise why not.</summary>
    /// <param name="name">The name.</param>
    /// <param name="token">The authority's.</param>
    /// <param name="answer">The key authorization (RFC 8555 §8.1).</param>
    /// <param name="cancellation">Ends the wait.</param>
    ValueTask<string?> ShowAsync(AcmeIdentifier name, string token, string answer, CancellationToken cancellation);

    /// <summary>Takes the answer away again, also where it was never shown.</summary>
    ValueTask WithdrawAsync(AcmeIdentifier name, string token, string answer, CancellationToken cancellation);
}

/// <summary>What is wanted of an authority.</summary>
/// <param name="Names">The names of the certificate, the first one its subject.</param>
/// <param name="Key">The certificate's key: ECDSA or RSA.</param>
/// <param name="Ways">Ways to show that names are ours, the preferred one first.</param>
public sealed record IssuanceRequest(IReadOnlyList<AcmeIdentifier> Names, AsymmetricAlgorithm Key, IReadOnlyList<IChallengeWay> Ways)
{
    /// <summary>The certificate it takes the place of; null for none.</summary>
    public X509Certificate2? Replaces { get; init; }

    /// <summary>Whether a way may be used for a name.</summary>
    public Func<AcmeIdentifier, IChallengeWay, bool> MayUse { get; init; } = (_, _) => true;
}

/// <summary>Why the authority does not believe that a name is ours.</summary>
/// <param name="Name">The name.</param>
/// <param name="Way">The kind of challenge; empty where it came to none.</param>
/// <param name="Problem">What it says.</param>
public sealed record NameFailure(AcmeIdentifier Name, string Way, AcmeProblem Problem);

/// <summary>How a request came out.</summary>
/// <param name="Chain">The certificates as PEM, the leaf first; null where names failed.</param>
/// <param name="Failures">The names that failed.</param>
public sealed record Issuance(string? Chain, IReadOnlyList<NameFailure> Failures)
{
    internal static Issuance Failed(IEnumerable<NameFailure> failures) => new(null, [.. failures]);
}

/// <summary>The request in the words of certificates (RFC 2986).</summary>
internal static class SigningRequest
{
    // No common name: clients have not looked at it for long, and it holds 64 characters at most.
    private static readonly X500DistinguishedName NoSubject = new([0x30, 0x00]);

    internal static byte[] Make(IReadOnlyList<AcmeIdentifier> names, AsymmetricAlgorithm key)
    {
        var request = key switch
        {
            ECDsa curve => new CertificateRequest(NoSubject, curve, HashAlgorithmName.SHA256),
            RSA rsa => new CertificateRequest(NoSubject, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
            _ => throw new CryptographicException("Certificates have keys of ECDSA or RSA."),
        };
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            if (name.Address is { } address) alternatives.AddIpAddress(address);
            else alternatives.AddDnsName(name.Value);
        }
        request.CertificateExtensions.Add(alternatives.Build());
        return request.CreateSigningRequest();
    }
}
