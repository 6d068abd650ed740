namespace Sternpost.Filter.Views;

/// <summary>One leaf of the MIME tree, as the judges and the text view need it.</summary>
internal sealed class MimePart
{
    /// <summary>Lower-case type/subtype; "text/plain" where nothing or nonsense was said (RFC 2045 §5.2).</summary>
    internal required string ContentType { get; init; }

    internal string? Charset { get; init; }

    internal TransferEncoding Encoding { get; init; }

    /// <summary>The name a reader would show, from either header; null where none.</summary>
    internal string? FileName { get; init; }

    internal bool IsAttachment { get; init; }

    /// <summary>Inside a message/rfc822: somebody else's words, carried along.</summary>
    internal bool IsEmbedded { get; init; }

    /// <summary>Where the part's header begins in the message.</summary>
    internal int Start { get; init; }

    /// <summary>Where its body ends.</summary>
    internal int End { get; init; }

    /// <summary>The transfer-encoded body.</summary>
    internal required ReadOnlyMemory<byte> Body { get; init; }

    internal bool IsText => ContentType.StartsWith("text/", StringComparison.Ordinal);

    /// <summary>At most <paramref name="budget"/> octets of the decoded body.</summary>
    internal ReadOnlyMemory<byte> Decode(int budget) => TransferDecoding.Decode(Body, Encoding, budget);
}
