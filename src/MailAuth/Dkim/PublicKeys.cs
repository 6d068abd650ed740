using System.Security.Cryptography;
using NSec.Cryptography;

namespace Sternpost.MailAuth.Dkim;

/// <summary>What a check of a signature against a published key came to.</summary>
internal readonly record struct KeyCheck(bool IsGood, int KeyBits, string? Problem);

/// <summary>Checks signatures with keys strangers publish. Never throws for what they hold.</summary>
internal static class PublicKeys
{
    // RFC 8301 §3.2: below this a key is taken for broken.
    public const int LeastRsaBits = 1024;

    // OpenSSL allows exponents of any length below 3072 bits, and a long one makes a check as dear as signing.
    private const int MaxExponentOctets = 8;

    private static readonly RsaKeyCache RsaKeys = new(capacity: 2000);

    /// <summary>Checks a signature over <paramref name="digest"/>.</summary>
    public static KeyCheck Check(DkimKeyRecord key, SigningAlgorithm algorithm, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature) =>
        algorithm == SigningAlgorithm.Ed25519Sha256 ? CheckEd25519(key.Key, digest, signature) : CheckRsa(key.Key, algorithm.Hash(), digest, signature);

    private static KeyCheck CheckEd25519(byte[] key, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature)
    {
        if (!PublicKey.TryImport(SignatureAlgorithm.Ed25519, key, KeyBlobFormat.RawPublicKey, out var imported) || imported is null)
            return new KeyCheck(false, 0, "the published Ed25519 key is malformed");
        // RFC 8463 §3: what is signed is the hash.
        return new KeyCheck(SignatureAlgorithm.Ed25519.Verify(imported, digest, signature), 256, null);
    }

    private static KeyCheck CheckRsa(byte[] key, HashAlgorithmName hash, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature)
    {
        var (lent, entry) = RsaKeys.Take(key);
        if (lent is null)
        {
            if (entry.Refusal is { } refusal) return refusal;
            (lent, refusal) = Import(key);
            if (lent is null)
            {
                entry.Refusal = refusal;
                return refusal;
            }
        }
        try
        {
            return new KeyCheck(lent.VerifyHash(digest, signature, hash, RSASignaturePadding.Pkcs1), lent.KeySize, null);
        }
        catch (CryptographicException)
        {
            return new KeyCheck(false, 0, "the published RSA key cannot be used");
        }
        finally
        {
            entry.Give(lent);
        }
    }

    // The key, or what is wrong with it.
    private static (RSA? Key, KeyCheck Refusal) Import(byte[] key)
    {
        var rsa = RSA.Create();
        var refusal = new KeyCheck(false, 0, "the published RSA key is malformed");
        try
        {
            if (TryImport(rsa, key))
            {
                if (rsa.KeySize > AuthenticationBudget.RsaBits) refusal = new KeyCheck(false, rsa.KeySize, "the published RSA key is longer than we check");
                else if (rsa.ExportParameters(false).Exponent!.Length > MaxExponentOctets) refusal = new KeyCheck(false, rsa.KeySize, "the published RSA key has an absurd exponent");
                else return (rsa, default);
            }
        }
        catch (CryptographicException)
        {
            refusal = new KeyCheck(false, 0, "the published RSA key cannot be used");
        }
        rsa.Dispose();
        return (null, refusal);
    }

    private static bool TryImport(RSA rsa, byte[] key)
    {
        try
        {
            rsa.ImportSubjectPublicKeyInfo(key, out _);
            return true;
        }
        catch (CryptographicException)
        {
            // RFC 6376 §3.6.1 p= says RSAPublicKey, its examples and the world say SubjectPublicKeyInfo: both are read.
        }
        try
        {
            rsa.ImportRSAPublicKey(key, out _);
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
