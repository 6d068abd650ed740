using System.Buffers;
using System.Security.Cryptography;
using Sternpost.MailAuth.Canonical;

namespace Sternpost.MailAuth.Dkim;

/// <summary>Signs messages that leave (RFC 6376 §5): relaxed/relaxed, the whole body, and the fields readers see signed once more than they occur, so that nobody can add a second one.</summary>
public static class DkimSigner
{
    // RFC 6376 §5.4.1, §8.15: what shows or changes what the reader sees; one too many, so that an added one breaks the signature.
    private static readonly string[] Oversigned =
    [
        "From", "To", "Cc", "Subject", "Date", "Message-ID", "Reply-To", "In-Reply-To", "References",
        "MIME-Version", "Content-Type", "Content-Transfer-Encoding", "Content-Disposition",
    ];

    // Signed, and oversigned, only where they are present: mailing lists add them to a message that is otherwise left alone.
    private static readonly string[] SignedWherePresent =
    [
        "Sender", "Content-ID", "Content-Description", "Content-Language", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Help", "List-Post",
        "List-Subscribe", "List-Owner", "List-Archive",
    ];

    /// <summary>Makes one DKIM-Signature field a key, CRLF-ended and folded, to be put before the message. Nothing where the header is larger than receivers would look at, or begins in the middle of a field.</summary>
    /// <param name="message">The message exactly as it will be sent.</param>
    /// <param name="keys">The keys; as a rule one RSA and one Ed25519 key of the same domain (RFC 8463 §5).</param>
    /// <param name="now">The time of signing.</param>
    /// <param name="lifetime">How long the signature should count (x=); null for ever.</param>
    public static byte[] Sign(ReadOnlyMemory<byte> message, IReadOnlyList<DkimSigningKey> keys, DateTimeOffset now, TimeSpan? lifetime = null)
    {
        var header = RawHeader.Parse(message);
        // A line that begins with white space would go on with our field.
        if (header.Truncated || keys.Count == 0 || message.Span is [(byte)' ' or (byte)'\t', ..]) return [];
        var bodies = new BodyHashes(header);
        bodies.TryGet(HashAlgorithmName.SHA256, relaxed: true, long.MaxValue, out var bodyHash, out _);
        var names = NamesToSign(header);
        var signed = new ArrayBufferWriter<byte>(2048);
        SignedFields.Append(signed, header, names, relaxed: true);
        var fields = new ArrayBufferWriter<byte>(1024);
        foreach (var key in keys)
        {
            var tags = new TagListWriter("DKIM-Signature")
                .Tag("v", "1").Tag("a", key.Algorithm.Tag()).Tag("c", "relaxed/relaxed")
                .Tag("d", key.Domain.Ascii).Tag("s", key.Selector)
                .Tag("t", now.ToUnixTimeSeconds().ToString());
            if (lifetime is not null) tags.Tag("x", (now + lifetime.Value).ToUnixTimeSeconds().ToString());
            tags.Words("h", names).Base64("bh", bodyHash);
            fields.Write(Complete(tags, key, signed.WrittenSpan));
        }
        return fields.WrittenSpan.ToArray();
    }

    /// <summary>As above, with one key.</summary>
    public static byte[] Sign(ReadOnlyMemory<byte> message, DkimSigningKey key, DateTimeOffset now) => Sign(message, [key], now);

    /// <summary>Signs <paramref name="signed"/> followed by the field itself, and gives the finished field (RFC 6376 §3.7).</summary>
    internal static byte[] Complete(TagListWriter tags, DkimSigningKey key, ReadOnlySpan<byte> signed)
    {
        tags.Base64("b", []);
        var field = RawHeader.Parse(tags.ToField());
        var data = new ArrayBufferWriter<byte>(signed.Length + 1024);
        data.Write(signed);
        HeaderCanonicalization.AppendWithoutSignature(data, field, field.Fields[0], relaxed: true);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(data.WrittenSpan, digest);
        return tags.AppendBase64(key.SignDigest(digest)).ToField();
    }

    internal static List<string> NamesToSign(RawHeader header)
    {
        var names = new List<string>(32);
        foreach (var name in Oversigned) AddTimes(names, name, Count(header, name) + 1);
        foreach (var name in SignedWherePresent)
        {
            if (Count(header, name) is > 0 and var count) AddTimes(names, name, count + 1);
        }
        return names;
    }

    private static int Count(RawHeader header, string name)
    {
        Span<byte> octets = stackalloc byte[name.Length];
        System.Text.Encoding.ASCII.GetBytes(name, octets);
        // A header of a thousand To fields is nobody's mail, and h= has its bounds.
        return Math.Min(header.Count(octets), 8);
    }

    private static void AddTimes(List<string> names, string name, int times)
    {
        for (; times > 0; times--) names.Add(name);
    }
}
