using System.Collections.Immutable;

namespace Sternpost.Mailboxes;

/// <summary>A message to add to a mailbox.</summary>
/// <param name="Prefix">Header lines this server adds (CRLF-ended), kept apart from what came in; may be empty.</param>
/// <param name="Content">The message as received.</param>
/// <param name="Flags">System flags.</param>
/// <param name="Keywords">Keywords.</param>
/// <param name="InternalDate">INTERNALDATE.</param>
public sealed record NewEmail(ReadOnlyMemory<byte> Prefix, ReadOnlyMemory<byte> Content, MessageFlags Flags, ImmutableArray<string> Keywords, DateTimeOffset InternalDate)
{
    /// <summary>A digest of where the message was elsewhere, so that it is brought from there once; null for one that was nowhere else.</summary>
    public byte[]? Source { get; init; }
}
