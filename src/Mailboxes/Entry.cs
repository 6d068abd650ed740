using System.Collections.Immutable;

namespace Sternpost.Mailboxes;

/// <summary>One message in one mailbox: what SELECT and FETCH FLAGS need without touching the message.</summary>
public sealed record Entry(uint Uid, long EmailId, long ModSeq, MessageFlags Flags, ImmutableArray<string> Keywords, DateTimeOffset InternalDate, long Size)
{
    /// <summary>The thread it belongs to (RFC 8474 §5.2, RFC 8621 §3).</summary>
    public long ThreadId { get; init; }
}
