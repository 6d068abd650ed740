using System.Collections.Immutable;

namespace Sternpost.Mailboxes.Objects;

/// <summary>One mailbox that shows an email.</summary>
/// <param name="MailboxId">Which.</param>
/// <param name="Uid">Its uid there.</param>
public readonly record struct Place(long MailboxId, uint Uid);

/// <summary>
/// An email as one object, however many mailboxes show it (RFC 8621 §4). Flags are those that any of its places has, but \Seen, which
/// all must have: what is unread anywhere is worth showing. Places flagged \Deleted are left out.
/// </summary>
public sealed class EmailFacts
{
    /// <summary>Its id, for ever.</summary>
    public required long Id { get; init; }

    /// <summary>Its thread.</summary>
    public required long ThreadId { get; init; }

    /// <summary>INTERNALDATE, as milliseconds since 1970.</summary>
    public required long Received { get; init; }

    /// <summary>Octets.</summary>
    public required long Size { get; init; }

    /// <summary>Where it is; at least one.</summary>
    public required ImmutableArray<Place> Places { get; init; }

    /// <summary>System flags.</summary>
    public required MessageFlags Flags { get; init; }

    /// <summary>Keywords.</summary>
    public required ImmutableArray<string> Keywords { get; init; }

    /// <summary>Neither seen nor a draft: what "unread" counts (RFC 8621 §2).</summary>
    public bool IsUnread => (Flags & (MessageFlags.Seen | MessageFlags.Draft)) == 0;

    /// <summary>True where the mailbox shows it.</summary>
    public bool IsIn(long mailboxId)
    {
        foreach (var place in Places)
        {
            if (place.MailboxId == mailboxId) return true;
        }
        return false;
    }

    /// <summary>The object that these entries make; null where all are \Deleted or there are none.</summary>
    internal static EmailFacts? From(IReadOnlyList<(long MailboxId, Entry Entry)> entries)
    {
        EmailFacts? facts = null;
        foreach (var (mailboxId, entry) in entries)
        {
            if (!entry.Flags.HasFlag(MessageFlags.Deleted)) facts = facts is null ? One(mailboxId, entry) : facts.With(mailboxId, entry);
        }
        return facts;
    }

    internal static EmailFacts One(long mailboxId, Entry entry) => new()
    {
        Id = entry.EmailId,
        ThreadId = entry.ThreadId,
        Received = entry.InternalDate.ToUnixTimeMilliseconds(),
        Size = entry.Size,
        Places = [new Place(mailboxId, entry.Uid)],
        Flags = entry.Flags,
        Keywords = entry.Keywords.IsDefault ? [] : entry.Keywords,
    };

    internal EmailFacts With(long mailboxId, Entry entry) => new()
    {
        Id = Id,
        ThreadId = ThreadId,
        Received = Math.Min(Received, entry.InternalDate.ToUnixTimeMilliseconds()),
        Size = Size,
        Places = Places.Add(new Place(mailboxId, entry.Uid)),
        Flags = ((Flags | entry.Flags) & ~MessageFlags.Seen) | (Flags & entry.Flags & MessageFlags.Seen),
        Keywords = entry.Keywords.IsDefaultOrEmpty ? Keywords : Contents.FlagChange.Join(Keywords, entry.Keywords),
    };
}
