using Sternpost.Filter;
using Sternpost.Smtp.Client;

namespace Sternpost.Smtp.Policy.ContentFilter;

/// <summary>What becomes of mail that another server has judged here.</summary>
public sealed record ContentFilterOptions
{
    /// <summary>Who gets the message next, and answers for it.</summary>
    public required RemoteServer NextHop { get; init; }

    /// <summary>The message with the verdict written into its header.</summary>
    public required Func<ReadOnlyMemory<byte>, Judgement, byte[]> Mark { get; init; }

    /// <summary>
    /// Whether what must be refused is refused. Behind a queue (Postfix's <c>content_filter</c>) the server in front then writes to a sender who is as
    /// a rule forged, so there it is false and such mail is marked; before one (<c>smtpd_proxy_filter</c>) the client hears it, and it may be true.
    /// </summary>
    public bool Refuse { get; init; }

    /// <summary>Patience with the next hop.</summary>
    public ClientDeadlines Deadlines { get; init; } = new();
}
