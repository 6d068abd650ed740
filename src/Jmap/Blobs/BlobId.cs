using Sternpost.Jmap.Protocol;

namespace Sternpost.Jmap.Blobs;

/// <summary>
/// Blob ids: a message (M…), an upload (U…), or the part of either that a dash and its number name; parts of attached messages go on
/// with further dashes. Nothing is stored for a part: its id says where it is.
/// </summary>
internal sealed record BlobId(char Kind, long Id, IReadOnlyList<string> Parts)
{
    private const int MostDepth = 8;

    internal static string OfEmail(long emailId) => ObjectId.Of(ObjectId.Email, emailId);

    internal static string OfUpload(long uploadId) => ObjectId.Of(ObjectId.Upload, uploadId);

    // An id holds no dots.
    internal static string OfPart(string blobId, string partId) => blobId + "-" + partId.Replace('.', '_');

    internal static BlobId? Parse(string text)
    {
        if (!ObjectId.IsWellFormed(text)) return null;
        var pieces = text.Split('-');
        if (pieces.Length > MostDepth || pieces[1..].Any(piece => piece.Length == 0)) return null;
        foreach (var kind in (ReadOnlySpan<char>)[ObjectId.Email, ObjectId.Upload])
        {
            if (ObjectId.TryRead(kind, pieces[0], out var id)) return new BlobId(kind, id, [.. pieces[1..].Select(piece => piece.Replace('_', '.'))]);
        }
        return null;
    }
}
