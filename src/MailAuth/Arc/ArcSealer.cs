using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Sternpost.MailAuth.Canonical;
using Sternpost.MailAuth.Dkim;

namespace Sternpost.MailAuth.Arc;

/// <summary>
/// Adds a link to a message's chain when it is passed on (RFC 8617 §5.1). Folds stand only between tags: in the relaxed form a
/// fold is a space, and one inside b= would make later seals depend on how a relay folds.
/// </summary>
public static class ArcSealer
{
    // RFC 8617 §4.1.2: what a DKIM signature would cover, without what each hop adds. DKIM-Signature is kept so that the author's can be seen.
    private static readonly string[] Signed =
    [
        "from", "to", "cc", "subject", "date", "message-id", "reply-to", "in-reply-to", "references", "mime-version", "content-type",
        "content-transfer-encoding", "list-id", "list-unsubscribe", "list-unsubscribe-post", "list-post", "dkim-signature",
    ];

    /// <summary>Makes the three fields of a new ARC set, in the order they are put before the message; empty where the chain may not be added to.</summary>
    /// <param name="message">The message exactly as it will be sent, apart from these fields.</param>
    /// <param name="chain">What validation of its chain came to when it arrived.</param>
    /// <param name="authservId">The name in our Authentication-Results fields (RFC 8601 §2.5).</param>
    /// <param name="results">What authentication came to here: the value of our Authentication-Results field after the authserv-id.</param>
    /// <param name="key">The key to seal with.</param>
    /// <param name="now">The time of sealing.</param>
    public static byte[] Seal(ReadOnlyMemory<byte> message, ArcResult chain, string authservId, string results, DkimSigningKey key, DateTimeOffset now) =>
        Seal(message, chain, authservId, results, key, now, null);

    internal static byte[] Seal(
        ReadOnlyMemory<byte> message, ArcResult chain, string authservId, string results, DkimSigningKey key, DateTimeOffset now, IReadOnlyList<string>? names)
    {
        var header = RawHeader.Parse(message);
        // RFC 8617 §5.1: a chain sealed as failed is at its end, and so is one of fifty links (§4.2.1).
        if (header.Truncated || message.Span is [(byte)' ' or (byte)'\t', ..] || chain.WasSealedAsFailed || chain.HighestInstance >= ArcSets.MaxInstance) return [];
        var instance = (chain.HighestInstance + 1).ToString(CultureInfo.InvariantCulture);
        var time = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

        var aar = Encoding.UTF8.GetBytes($"ARC-Authentication-Results: i={instance}; {authservId}; {results.TrimStart()}\r\n");
        var ams = SignMessage(header, key, instance, time, names ?? NamesOf(header));
        var seal = Seal(header, chain, aar, ams, key, instance, time);
        return [.. seal, .. ams, .. aar];
    }

    private static byte[] SignMessage(RawHeader header, DkimSigningKey key, string instance, string time, IReadOnlyList<string> names)
    {
        new BodyHashes(header).TryGet(HashAlgorithmName.SHA256, relaxed: true, long.MaxValue, out var bodyHash, out _);
        var signed = new ArrayBufferWriter<byte>(2048);
        SignedFields.Append(signed, header, names, relaxed: true);
        return Complete("ARC-Message-Signature", signed.WrittenSpan, key, signature =>
            $"a={key.Algorithm.Tag()};\r\n\tb={signature};\r\n\tbh={Convert.ToBase64String(bodyHash)}; c=relaxed/relaxed;\r\n\td={key.Domain.Ascii};\r\n\th={string.Join(':', names)};\r\n\ti={instance}; s={key.Selector}; t={time}");
    }

    private static byte[] Seal(RawHeader header, ArcResult chain, byte[] aar, byte[] ams, DkimSigningKey key, string instance, string time)
    {
        var scope = new ArrayBufferWriter<byte>(4096);
        // RFC 8617 §5.1.2: a seal that says "fail" covers its own set alone, because what is broken may not even be orderable.
        if (chain.Kind == ArcKind.Pass) ArcVerifier.AppendSets(scope, header, ArcSets.Gather(header), 1, chain.HighestInstance, withoutLastSeal: false);
        Append(scope, aar);
        Append(scope, ams);
        return Complete("ARC-Seal", scope.WrittenSpan, key, signature =>
            $"a={key.Algorithm.Tag()};\r\n\tb={signature};\r\n\tcv={chain.Word}; d={key.Domain.Ascii};\r\n\ti={instance}; s={key.Selector}; t={time}");
    }

    private static byte[] Complete(string name, ReadOnlySpan<byte> signed, DkimSigningKey key, Func<string, string> tags)
    {
        var unsigned = RawHeader.Parse(Encoding.ASCII.GetBytes($"{name}: {tags("")}\r\n"));
        var data = new ArrayBufferWriter<byte>(signed.Length + 1024);
        data.Write(signed);
        HeaderCanonicalization.AppendWithoutSignature(data, unsigned, unsigned.Fields[0], relaxed: true);
        var signature = key.SignDigest(SHA256.HashData(data.WrittenSpan));
        return Encoding.ASCII.GetBytes($"{name}: {tags(Convert.ToBase64String(signature))}\r\n");
    }

    private static void Append(ArrayBufferWriter<byte> target, byte[] field)
    {
        var parsed = RawHeader.Parse(field);
        HeaderCanonicalization.Append(target, parsed, parsed.Fields[0], relaxed: true);
    }

    private static List<string> NamesOf(RawHeader header)
    {
        var names = new List<string>(Signed.Length);
        foreach (var name in Signed)
        {
            var count = Math.Min(header.Count(Encoding.ASCII.GetBytes(name)), 8);
            for (var i = 0; i < count; i++) names.Add(name);
        }
        // RFC 6376 §5.4: From is covered also where it is not there.
        if (names.Count == 0 || names[0] != "from") names.Insert(0, "from");
        return names;
    }
}
