namespace Sternpost.Mailboxes;

/// <summary>RFC 6154 special uses; Inbox is RFC 3501's.</summary>
public enum SpecialUse
{
    /// <summary>An ordinary mailbox.</summary>
    None,
    /// <summary>INBOX.</summary>
    Inbox,
    /// <summary>\Drafts.</summary>
    Drafts,
    /// <summary>\Sent.</summary>
    Sent,
    /// <summary>\Junk.</summary>
    Junk,
    /// <summary>\Trash.</summary>
    Trash,
    /// <summary>\Archive.</summary>
    Archive,
}
