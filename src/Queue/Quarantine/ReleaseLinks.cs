using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Sternpost.Messages.Addresses;
using Sternpost.Storage;

namespace Sternpost.Queue.Quarantine;

/// <summary>
/// The links of digests: who has one may release one message for one recipient, until it expires. They are signed, not kept; a link
/// says nothing but the message's id and the time, and opening it does nothing: mail scanners open links.
/// </summary>
public sealed class ReleaseLinks(Database database, TimeProvider time)
{
    private const int Head = 16;
    private byte[]? key;

    /// <summary>A token for a message and a recipient.</summary>
    public async ValueTask<string> MakeAsync(long id, EmailAddress recipient, DateTimeOffset expires, CancellationToken cancellation)
    {
        var token = new byte[Head + HMACSHA256.HashSizeInBytes];
        BinaryPrimitives.WriteInt64BigEndian(token, id);
        BinaryPrimitives.WriteInt64BigEndian(token.AsSpan(8), expires.ToUnixTimeSeconds());
        Sign(await KeyAsync(cancellation).ConfigureAwait(false), token.AsSpan(0, Head), recipient).CopyTo(token, Head);
        return Base64Url.EncodeToString(token);
    }

    /// <summary>The message and the recipient a token is for; null where it is forged, expired, or the message is held no more.</summary>
    public async ValueTask<(HeldMessage Message, HeldRecipient Recipient)?> ReadAsync(string? text, CancellationToken cancellation)
    {
        if (text is not { Length: < 128 } || !Base64Url.IsValid(text)) return null;
        var token = Base64Url.DecodeFromChars(text);
        if (token.Length != Head + HMACSHA256.HashSizeInBytes || time.GetUtcNow().ToUnixTimeSeconds() > BinaryPrimitives.ReadInt64BigEndian(token.AsSpan(8))) return null;
        var id = BinaryPrimitives.ReadInt64BigEndian(token);
        if (await database.ReadAsync(sql => QuarantineRows.Find(sql, id), cancellation).ConfigureAwait(false) is not { } message) return null;
        var secret = await KeyAsync(cancellation).ConfigureAwait(false);
        foreach (var recipient in message.Recipients)
        {
            if (CryptographicOperations.FixedTimeEquals(Sign(secret, token.AsSpan(0, Head), recipient.Address), token.AsSpan(Head))) return (message, recipient);
        }
        return null;
    }

    private static byte[] Sign(byte[] secret, ReadOnlySpan<byte> head, EmailAddress recipient) => HMACSHA256.HashData(secret, (byte[])[.. head, .. Encoding.UTF8.GetBytes(recipient.Key)]);

    private async ValueTask<byte[]> KeyAsync(CancellationToken cancellation) =>
        key ??= await database.WriteAsync(sql => QuarantineRows.Key(sql, () => RandomNumberGenerator.GetBytes(32)), cancellation).ConfigureAwait(false);
}
