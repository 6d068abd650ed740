using System.Collections.Immutable;

namespace Sternpost.Mailboxes.Objects;

/// <summary>A change of one email's keywords and mailboxes; all of it or nothing.</summary>
/// <param name="EmailId">Which.</param>
public sealed record EmailUpdate(long EmailId)
{
    /// <summary>Null where keywords stay; else what happens to them, one after the other.</summary>
    public IReadOnlyList<(FlagOperation Operation, MessageFlags Flags, ImmutableArray<string> Keywords)> Keywords { get; init; } = [];

    /// <summary>All mailboxes it is to be in; null where only those below change.</summary>
    public IReadOnlyCollection<long>? Mailboxes { get; init; }

    /// <summary>Mailboxes it is to be in as well.</summary>
    public IReadOnlyCollection<long> Into { get; init; } = [];

    /// <summary>Mailboxes it is to be in no longer.</summary>
    public IReadOnlyCollection<long> OutOf { get; init; } = [];
}

/// <summary>What came of a change of an email.</summary>
public enum EmailOutcome
{
    /// <summary>Done.</summary>
    Ok,
    /// <summary>There is no such email.</summary>
    NotFound,
    /// <summary>It would be in no mailbox, or in one that there is not.</summary>
    BadMailboxes,
    /// <summary>The account's quota is used up.</summary>
    OverQuota,
    /// <summary>More keywords than an email may carry.</summary>
    TooManyKeywords,
}
