namespace Sternpost.Mailboxes;

/// <summary>The outcome of a mailbox operation that a client may get wrong.</summary>
public enum MailboxOutcome
{
    /// <summary>Done.</summary>
    Ok,
    /// <summary>No such mailbox.</summary>
    NotFound,
    /// <summary>The name is taken.</summary>
    Exists,
    /// <summary>INBOX or another the server needs.</summary>
    NotAllowed,
    /// <summary>The name is malformed, too long or too deep.</summary>
    BadName,
    /// <summary>The account's quota is used up.</summary>
    OverQuota,
}
