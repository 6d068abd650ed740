using Sternpost.Storage;

namespace Sternpost.Mailboxes;

/// <summary>A message parsed and stored-to-be; made by <see cref="MailStore.Prepare"/>, usable once, by one transaction.</summary>
public sealed class PreparedEmail
{
    internal PreparedEmail(PreparedBlob blob, byte[] structure, long[] threadKeys)
    {
        Blob = blob;
        Structure = structure;
        ThreadKeys = threadKeys;
    }

    /// <summary>Its content, so that the queue can refer to the same octets in the same transaction.</summary>
    public PreparedBlob Blob { get; }

    internal byte[] Structure { get; }

    internal long[] ThreadKeys { get; }
}
