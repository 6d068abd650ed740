using System.Security.Cryptography;
using System.Text;
using Sternpost.Dns;
using Sternpost.MailAuth.Canonical;
using Sternpost.MailAuth.Dkim;

namespace Sternpost.MailAuth.Dkim2;

/// <summary>
/// Verifies DKIM2 (draft-ietf-dkim-dkim2-spec-05, §11): every signature, every hash back to the first form of the message, and the way
/// from hop to hop. A draft, so it informs and decides nothing, and is off unless asked for.
/// </summary>
/// <param name="resolver">DNS.</param>
/// <param name="barePaths">Take paths without angle brackets, as implementations of drafts before -04 wrote them.</param>
internal sealed class Dkim2Verifier(IDnsResolver resolver, bool barePaths = false)
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromDays(14);

    /// <summary>Verifies a message as received.</summary>
    /// <param name="header">Its header.</param>
    /// <param name="message">All of it.</param>
    /// <param name="mailFrom">The reverse-path it came with; empty for the null one.</param>
    /// <param name="recipients">Whom it came for.</param>
    /// <param name="now">When.</param>
    /// <param name="cancellation">Ends the wait.</param>
    internal async ValueTask<Dkim2Result> VerifyAsync(
        RawHeader header, ReadOnlyMemory<byte> message, string mailFrom, IReadOnlyList<string> recipients, DateTimeOffset now, CancellationToken cancellation)
    {
        try
        {
            if (Dkim2Fields.Read(header, barePaths) is not { } fields) return new Dkim2Result(Dkim2Kind.None, "");
            if (header.Truncated) throw new Dkim2Exception(Dkim2Kind.PermError, "the header is too long");
            CheckTimes(fields, now);
            CheckCustody(fields, Dkim2Path.Of(mailFrom), recipients);
            foreach (var signature in fields.Signatures) await CheckSignatureAsync(fields, signature, cancellation).ConfigureAwait(false);
            CheckInstances(fields, InstanceState.Of(header, message));
            CheckRequests(fields);
            return new Dkim2Result(Dkim2Kind.Pass, "") { Hops = [.. fields.Signatures.Select(signature => signature.Domain)] };
        }
        catch (Dkim2Exception ended)
        {
            return new Dkim2Result(ended.Kind, ended.Message);
        }
    }

    // §11.3. A time to come is let be: clocks differ, and nothing is gained by it.
    private static void CheckTimes(Dkim2Fields fields, DateTimeOffset now)
    {
        foreach (var signature in fields.Signatures)
        {
            if (now.ToUnixTimeSeconds() - signature.Time > (long)MaxAge.TotalSeconds) throw PermError(signature, "signature expired");
        }
    }

    // §11.4.
    private static void CheckCustody(Dkim2Fields fields, Dkim2Path mailFrom, IReadOnlyList<string> recipients)
    {
        var last = fields.Signatures[^1];
        // Without an arrangement nobody has made, the way ends nowhere.
        if (last.NextDomain is not null || last.MailFrom is null) throw PermError(last, "unexpected nd= tag");
        if (last.MailFrom != mailFrom) throw PermError(last, "MAIL FROM did not match");
        foreach (var recipient in recipients)
        {
            if (!last.Recipients.Contains(Dkim2Path.Of(recipient))) throw PermError(last, "RCPT TO did not match");
        }
        for (var i = 0; i < fields.Signatures.Count; i++)
        {
            var signature = fields.Signatures[i];
            // §8.8: a null reverse-path needs no match.
            if (signature.MailFrom is { IsNull: false } from && !from.RelaxedMatches(signature.Domain.Ascii)) throw PermError(signature, "MAIL FROM and d= do not match");
            if (i == 0) continue;
            var before = fields.Signatures[i - 1];
            if (before.NextDomain is { } next)
            {
                if (next != signature.Domain) throw PermError(before, "nd= does not match");
            }
            // §9.4: who sends it on is whom it was sent to.
            else if (signature.MailFrom is { } sender && !before.Recipients.Any(recipient => sender.RelaxedMatches(recipient.Domain))) throw PermError(signature, "MAIL FROM did not match");
            else if (signature.NextDomain is not null && !before.Recipients.Any(recipient => recipient.RelaxedMatches(signature.Domain.Ascii))) throw PermError(signature, "d= did not match");
        }
    }

    // §11.5, §11.6.
    private async ValueTask CheckSignatureAsync(Dkim2Fields fields, Dkim2Signature signature, CancellationToken cancellation)
    {
        var digest = SHA256.HashData(SignedData(fields, signature));
        var good = 0;
        foreach (var value in signature.Values)
        {
            // §3.4: algorithms of the future are passed over.
            if (SigningAlgorithms.Parse(value.Algorithm) is not { } algorithm || algorithm == SigningAlgorithm.RsaSha1) continue;
            var key = await KeyAsync(signature, value, algorithm, cancellation).ConfigureAwait(false);
            var check = PublicKeys.Check(key, algorithm, digest, value.Signature);
            if (check.Problem is not null) throw Key(signature, value, "has a syntax error");
            // §3.2: at least 1024 bits.
            if (key.KeyType == "rsa" && check.KeyBits < PublicKeys.LeastRsaBits) throw Key(signature, value, $"has only {check.KeyBits} bits");
            // §11.6: where several can be checked, all must pass.
            if (!check.IsGood) throw new Dkim2Exception(Dkim2Kind.Fail, $"DKIM2-Signature i={signature.Number} public key {value.Selector} incorrect signature");
            good++;
        }
        if (good == 0) throw new Dkim2Exception(Dkim2Kind.Fail, $"DKIM2-Signature i={signature.Number} has no signature of a known algorithm");
    }

    private async ValueTask<DkimKeyRecord> KeyAsync(Dkim2Signature signature, SignatureValue value, SigningAlgorithm algorithm, CancellationToken cancellation)
    {
        if (!DomainName.TryParseForQuery($"{value.Selector}._domainkey.{signature.Domain.Ascii}", out var name)) throw Key(signature, value, "does not exist");
        var answer = await resolver.TxtAsync(name, cancellation).ConfigureAwait(false);
        if (answer.Status == DnsStatus.TemporaryFailure) throw new Dkim2Exception(Dkim2Kind.TempError, $"DKIM2-Signature i={signature.Number} public key {value.Selector} could not be fetched");
        if (answer.Records.Count == 0) throw Key(signature, value, "does not exist");
        if (answer.Records.Count > 1) throw Key(signature, value, "has multiple records");
        if (!DkimKeyRecord.TryParse(answer.Records[0], out var key, out _)) throw Key(signature, value, "has a syntax error");
        if (key.KeyType != algorithm.KeyType()) throw Key(signature, value, "algorithm mismatch");
        return key.Key.Length > 0 ? key : throw Key(signature, value, "has been revoked");
    }

    // §9.6: the instances there were, the signatures before, and this one without its values; each with its line end.
    private static byte[] SignedData(Dkim2Fields fields, Dkim2Signature signature)
    {
        var data = new StringBuilder();
        foreach (var instance in fields.Instances)
        {
            if (instance.Number <= signature.Instance) data.Append(instance.Tags.Canonical).Append("\r\n");
        }
        foreach (var earlier in fields.Signatures)
        {
            if (earlier.Number < signature.Number) data.Append(earlier.Tags.Canonical).Append("\r\n");
        }
        data.Append(signature.Tags.WithoutSignatures()).Append("\r\n");
        return Encoding.Latin1.GetBytes(data.ToString());
    }

    // §11.7, from what the message is now back to what it was at first.
    private static void CheckInstances(Dkim2Fields fields, InstanceState state)
    {
        for (var i = fields.Instances.Count - 1; i >= 0; i--)
        {
            var instance = fields.Instances[i];
            if (instance.Hashes.Count == 0) throw new Dkim2Exception(Dkim2Kind.Fail, $"Message Instance m={instance.Number} has no hash of a known algorithm");
            foreach (var hash in instance.Hashes)
            {
                if (state.Mismatch(hash) is { } which) throw new Dkim2Exception(Dkim2Kind.Fail, $"Message Instance m={instance.Number} {which} hash {hash.Algorithm} mismatch");
            }
            // §9.1: the first may say what was done before DKIM2 began; there is nothing to compare that with.
            if (i > 0 && instance.Recipe is { } recipe && !state.TryUndo(recipe)) throw new Dkim2Exception(Dkim2Kind.PermError, $"Message-Instance m={instance.Number} recipe cannot be followed");
        }
    }

    // §11.8.
    private static void CheckRequests(Dkim2Fields fields)
    {
        for (var i = 0; i < fields.Signatures.Count; i++)
        {
            var signature = fields.Signatures[i];
            if (signature.Flags.Contains("donotmodify") && fields.Instances.Any(instance => instance.Number > signature.Instance && instance.Recipe?.Restores == true))
                throw new Dkim2Exception(Dkim2Kind.Fail, "Message has been modified despite a donotmodify request");
            if (signature.Flags.Contains("donotexplode") && fields.Signatures.Skip(i + 1).Any(later => later.Flags.Contains("exploded")))
                throw new Dkim2Exception(Dkim2Kind.Fail, "Message has been exploded despite a donotexplode request");
        }
    }

    private static Dkim2Exception PermError(Dkim2Signature signature, string what) => new(Dkim2Kind.PermError, $"DKIM2-Signature i={signature.Number} {what}");

    private static Dkim2Exception Key(Dkim2Signature signature, SignatureValue value, string what) => PermError(signature, $"public key {value.Selector} {what}");
}
