using Sternpost.Jmap.Content;
using Sternpost.Jmap.Protocol;
using Sternpost.Jmap.Stores;
using Sternpost.Mailboxes;

namespace Sternpost.Jmap.Blobs;

/// <summary>The octets behind blob ids, as far as the account may see them.</summary>
internal sealed class BlobReader(MailStore mail, UploadStore uploads)
{
    /// <summary>The octets and the media type known of them; null where the account has no such blob.</summary>
    internal async ValueTask<(ReadOnlyMemory<byte> Content, string Type)?> ReadAsync(long accountId, string blobId, CancellationToken cancellation)
    {
        if (BlobId.Parse(blobId) is not { } id || await BaseAsync(accountId, id, cancellation).ConfigureAwait(false) is not { } found) return null;
        var (content, type) = found;
        foreach (var number in id.Parts)
        {
            var document = EmailDocument.Parse(content);
            if (document.Find(number) is not { } part) return null;
            (content, type) = (document.Decoded(part), part.MediaType);
        }
        return (content, type);
    }

    private async ValueTask<(ReadOnlyMemory<byte> Content, string Type)?> BaseAsync(long accountId, BlobId id, CancellationToken cancellation)
    {
        if (id.Kind == ObjectId.Upload) return await uploads.ReadAsync(accountId, id.Id, cancellation).ConfigureAwait(false);
        // Asked in the account's own view, so that nobody reads another's mail by guessing a number.
        var isThere = await mail.Objects.ReadAsync(accountId, reader => reader.View.Find(id.Id) is not null, cancellation).ConfigureAwait(false);
        return isThere && await mail.ContentAsync(id.Id, cancellation).ConfigureAwait(false) is { } content ? (content, "message/rfc822") : null;
    }
}
