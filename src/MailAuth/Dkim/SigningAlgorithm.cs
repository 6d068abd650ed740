using System.Security.Cryptography;

namespace Sternpost.MailAuth.Dkim;

/// <summary>The signing algorithms of DKIM and ARC.</summary>
public enum SigningAlgorithm
{
    /// <summary>rsa-sha256 (RFC 6376 §3.3.2).</summary>
    RsaSha256,
    /// <summary>ed25519-sha256 (RFC 8463 §3).</summary>
    Ed25519Sha256,
    /// <summary>rsa-sha1, which never makes mail trusted (RFC 8301 §3.1); checked so that the result can say what it was.</summary>
    RsaSha1,
}

internal static class SigningAlgorithms
{
    public static SigningAlgorithm? Parse(string? tag) => tag?.ToLowerInvariant() switch
    {
        "rsa-sha256" => SigningAlgorithm.RsaSha256,
        "ed25519-sha256" => SigningAlgorithm.Ed25519Sha256,
        "rsa-sha1" => SigningAlgorithm.RsaSha1,
        _ => null,
    };

    /// <summary>The a= tag.</summary>
    public static string Tag(this SigningAlgorithm algorithm) => algorithm switch
    {
        SigningAlgorithm.RsaSha256 => "rsa-sha256",
        SigningAlgorithm.Ed25519Sha256 => "ed25519-sha256",
        _ => "rsa-sha1",
    };

    /// <summary>The k= tag of keys that fit.</summary>
    public static string KeyType(this SigningAlgorithm algorithm) => algorithm == SigningAlgorithm.Ed25519Sha256 ? "ed25519" : "rsa";

    public static HashAlgorithmName Hash(this SigningAlgorithm algorithm) =>
        algorithm == SigningAlgorithm.RsaSha1 ? HashAlgorithmName.SHA1 : HashAlgorithmName.SHA256;

    /// <summary>The h= name of the hash in key records.</summary>
    public static string HashTag(this SigningAlgorithm algorithm) => algorithm == SigningAlgorithm.RsaSha1 ? "sha1" : "sha256";

    /// <summary>Hashes <paramref name="data"/> into <paramref name="digest"/> and gives its length.</summary>
    public static int Digest(this SigningAlgorithm algorithm, ReadOnlySpan<byte> data, Span<byte> digest) =>
        // SHA-1 only to read what it can no longer prove (RFC 8301 §3.1).
        algorithm == SigningAlgorithm.RsaSha1 ? SHA1.HashData(data, digest) : SHA256.HashData(data, digest);
}
