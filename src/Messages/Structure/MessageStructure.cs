namespace Sternpost.Messages.Structure;

/// <summary>A message's envelope and MIME tree.</summary>
public sealed record MessageStructure(MessageEnvelope Envelope, PartStructure Root)
{
    /// <summary>
    /// Reads the structure of any octets whatever: never throws, and costs time and memory in proportion to the message. What lies
    /// beyond the budgets (depth 100, 10,000 parts, 1 MiB of header text) is left opaque.
    /// </summary>
    public static MessageStructure Parse(ReadOnlySpan<byte> message) => new StructureParser(message).Parse();

    /// <summary>The compact form a store keeps; <see cref="TryRead"/> reads it.</summary>
    public byte[] ToBytes() => StructureWriter.Write(this);

    /// <summary>Reads <see cref="ToBytes"/>; null where the octets are not one of its texts.</summary>
    public static MessageStructure? TryRead(ReadOnlySpan<byte> bytes) => StructureReader.TryRead(bytes);
}
