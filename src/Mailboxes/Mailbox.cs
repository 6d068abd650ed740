namespace Sternpost.Mailboxes;

/// <summary>A mailbox as it stood in one snapshot.</summary>
public sealed record Mailbox(long Id, long AccountId, string Name, SpecialUse Use, uint UidValidity, uint UidNext, long HighestModSeq, bool Subscribed, int Total, int Unseen, int Deleted, long Bytes)
{
    /// <summary>Where it stands among others of its level, as the user has put it (RFC 8621 §2); lower comes first.</summary>
    public long SortOrder { get; init; }
}
