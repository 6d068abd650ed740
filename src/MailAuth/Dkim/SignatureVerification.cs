using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Sternpost.Dns;
using Sternpost.MailAuth.Canonical;

namespace Sternpost.MailAuth.Dkim;

/// <summary>Verifies one signature of DKIM or ARC, once its key record is there (RFC 6376 §6.1).</summary>
internal sealed class SignatureVerification(RawHeader header, BodyHashes bodies)
{
    /// <summary>Verifies against the answer for the signature's key name.</summary>
    /// <param name="field">The signature field itself.</param>
    /// <param name="signature">Its tags.</param>
    /// <param name="answer">The TXT answer for <see cref="SignatureTags.KeyName"/>.</param>
    public DkimResult Verify(in RawField field, SignatureTags signature, DnsAnswer<string> answer)
    {
        if (!TryKeys(signature, answer, out var keys, out var problem)) return problem;
        if (!bodies.TryGet(signature.Algorithm.Hash(), signature.RelaxedBody, signature.BodyLimit, out var bodyHash, out var bodyLength))
            return signature.Result(DkimKind.Neutral, "not checked: too many different hashes of one body");
        // RFC 6376 §3.5 l=: no larger than the body.
        if (signature.HasBodyLimit && signature.BodyLimit > bodyLength) return signature.Result(DkimKind.Fail, "the body is shorter than the part that was signed");
        if (!CryptographicOperations.FixedTimeEquals(bodyHash, signature.BodyHash)) return signature.Result(DkimKind.Fail, "the body was changed after signing");

        var data = new ArrayBufferWriter<byte>(2048);
        SignedFields.Append(data, header, signature.SignedNames, signature.RelaxedHeader);
        HeaderCanonicalization.AppendWithoutSignature(data, header, field, signature.RelaxedHeader);
        return Verify(signature, keys, data.WrittenSpan) with { UnsignedOctets = signature.HasBodyLimit ? bodyLength - signature.BodyLimit : 0 };
    }

    /// <summary>Verifies a signature over data that is canonical already and covers no body.</summary>
    public static DkimResult VerifyData(SignatureTags signature, DnsAnswer<string> answer, ReadOnlySpan<byte> data) =>
        TryKeys(signature, answer, out var keys, out var problem) ? Verify(signature, keys, data) : problem;

    private static bool TryKeys(
        SignatureTags signature, DnsAnswer<string> answer, out List<DkimKeyRecord> keys, [NotNullWhen(false)] out DkimResult? problem)
    {
        keys = [];
        problem = null;
        if (answer.Status == DnsStatus.TemporaryFailure) problem = signature.Result(DkimKind.TempError, $"DNS did not answer for {signature.KeyName}");
        else if (answer.Records.Count == 0) problem = signature.Result(DkimKind.PermError, $"no key is published at {signature.KeyName}");
        if (problem is not null) return false;
        // RFC 6376 §3.6.2.2: which of several records counts is undefined; any of the first may be the one.
        for (var i = 0; i < answer.Records.Count && i < AuthenticationBudget.KeyRecords; i++)
        {
            if (DkimKeyRecord.TryParse(answer.Records[i], out var key, out var trouble) && Unusable(signature, key) is var unusable)
            {
                if (unusable is null) keys.Add(key);
                else problem ??= signature.Result(DkimKind.PermError, unusable);
            }
            else problem ??= signature.Result(DkimKind.PermError, trouble);
        }
        if (keys.Count > 0) problem = null;
        return problem is null;
    }

    private static DkimResult Verify(SignatureTags signature, List<DkimKeyRecord> keys, ReadOnlySpan<byte> data)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        digest = digest[..signature.Algorithm.Digest(data, digest)];
        DkimResult? result = null;
        foreach (var key in keys)
        {
            result = VerifyWith(signature, key, digest);
            if (result.Kind is DkimKind.Pass or DkimKind.Policy) break;
        }
        return result!;
    }

    private static DkimResult VerifyWith(SignatureTags signature, DkimKeyRecord key, ReadOnlySpan<byte> digest)
    {
        var check = PublicKeys.Check(key, signature.Algorithm, digest, signature.Signature);
        var result = check.Problem is not null ? signature.Result(DkimKind.PermError, check.Problem)
            : !check.IsGood ? signature.Result(DkimKind.Fail, "the signature does not match: a signed field was changed, or the key is another")
            : signature.Algorithm == SigningAlgorithm.RsaSha1 ? signature.Result(DkimKind.Policy, "signed with SHA-1, which proves nothing any more")
            : key.KeyType == "rsa" && check.KeyBits < PublicKeys.LeastRsaBits ? signature.Result(DkimKind.Policy, $"signed with an RSA key of only {check.KeyBits} bits")
            : signature.Result(DkimKind.Pass);
        return result with { KeyBits = check.KeyBits, Testing = key.Testing };
    }

    // RFC 6376 §6.1.2.
    private static string? Unusable(SignatureTags signature, DkimKeyRecord key)
    {
        if (key.KeyType != signature.Algorithm.KeyType()) return "the published key is of another kind than the signature";
        if (!key.Allows(signature.Algorithm.HashTag())) return "the published key does not allow the signature's hash";
        if (!key.ForEmail) return "the published key is not for mail";
        if (key.Key.Length == 0) return "the key has been revoked";
        // RFC 8463 §4.2: the 32 octets of RFC 8032 without any wrapping.
        if (key.KeyType == "ed25519" && key.Key.Length != 32) return "the published Ed25519 key is malformed";
        return key.StrictIdentity && signature.IdentityIsBelow ? "the key does not sign for names below its domain" : null;
    }
}
