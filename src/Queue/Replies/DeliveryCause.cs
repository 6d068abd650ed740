namespace Sternpost.Queue.Replies;

/// <summary>What kind of thing keeps mail from its recipient.</summary>
public enum CauseKind
{
    /// <summary>None of the others.</summary>
    Other,
    /// <summary>A block list names our address or domain.</summary>
    Blocked,
    /// <summary>The receiver thinks badly of our address or domain.</summary>
    Reputation,
    /// <summary>The receiver takes only so much in a time.</summary>
    Rate,
    /// <summary>SPF, DKIM or DMARC.</summary>
    Authentication,
    /// <summary>The name of our address in reverse DNS.</summary>
    ReverseDns,
    /// <summary>What the message says or carries.</summary>
    Content,
    /// <summary>There is no such recipient.</summary>
    UnknownRecipient,
    /// <summary>The mailbox has no room.</summary>
    MailboxFull,
    /// <summary>The mailbox is not in use any more.</summary>
    MailboxClosed,
    /// <summary>A rule of the receiver's own.</summary>
    Policy,
    /// <summary>The receiver asks to come back once.</summary>
    Greylisting,
    /// <summary>No protected connection came about, where one is wanted.</summary>
    Tls,
    /// <summary>The message is too large.</summary>
    Size,
    /// <summary>The server that DNS names does not take mail for the domain.</summary>
    Relay,
    /// <summary>No server answered, or the connection broke off.</summary>
    Unreachable,
    /// <summary>DNS says that there is no such domain or server, or does not answer.</summary>
    Dns,
    /// <summary>An administrator of this server, or a rule of his.</summary>
    Here,
}

/// <summary>Why a recipient was not reached, in words for the person who wrote and for the one who runs the server.</summary>
/// <param name="Id">The same for the same cause, in facts and counts: <c>gmail.rate</c>, <c>status.4.1</c>.</param>
/// <param name="Kind">What kind of thing it is.</param>
/// <param name="Provider">Whose reply it is, for people; empty where it may be anybody's.</param>
/// <param name="Cause">Goes on after "…was not delivered:".</param>
/// <param name="Remedy">What the person who wrote can do: a sentence or two.</param>
/// <param name="Administrator">What who runs the server can do; empty where that is nothing.</param>
/// <param name="Link">Where the receiver says more, or null.</param>
public sealed record DeliveryCause(string Id, CauseKind Kind, string Provider, string Cause, string Remedy, string Administrator, string? Link);
