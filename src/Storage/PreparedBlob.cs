namespace Sternpost.Storage;

/// <summary>Octets digested and, where they are many, already in a synced file; made by <see cref="Blobs.Prepare"/>, stored by one transaction.</summary>
public sealed class PreparedBlob
{
    internal PreparedBlob(long id, ReadOnlyMemory<byte> content, byte[] sha256, bool isFile)
    {
        Id = id;
        Content = content;
        Sha256 = sha256;
        IsFile = isFile;
    }

    /// <summary>The id under which rows refer to it.</summary>
    public long Id { get; }

    /// <summary>The octets.</summary>
    public ReadOnlyMemory<byte> Content { get; }

    internal byte[] Sha256 { get; }

    internal bool IsFile { get; }

    /// <summary>Its row has been written by the transaction that uses it.</summary>
    internal bool IsStored { get; set; }
}
