using System.Net;
using Sternpost.Dns;
using Sternpost.Messages.Addresses;

namespace Sternpost.Messages.Envelopes;

/// <summary>What is known of the connection a message came by; the judges and the Received header read it.</summary>
/// <param name="ClientAddress">The peer, or the one PROXY protocol named; IPv4-mapped addresses already unmapped.</param>
/// <param name="Helo">The argument of EHLO or HELO as sent (a domain, a literal, or rubbish), or empty.</param>
/// <param name="Protocol">The "with" word of RFC 3848: SMTP, ESMTP, ESMTPS, ESMTPA, ESMTPSA, UTF8SMTP….</param>
/// <param name="TlsVersion">For example <c>TLSv1.3</c>; null on cleartext.</param>
/// <param name="TlsCipher">The IANA cipher suite name; null on cleartext.</param>
/// <param name="Account">The authenticated account, or null.</param>
/// <param name="ReceivedAt">When DATA began.</param>
/// <param name="SessionId">Short random id that joins log lines, the Received header and the reference a refused sender quotes.</param>
public sealed record SessionFacts(
    IPAddress ClientAddress,
    string Helo,
    string Protocol,
    string? TlsVersion,
    string? TlsCipher,
    EmailAddress? Account,
    DateTimeOffset ReceivedAt,
    string SessionId)
{
    /// <summary>The forward-confirmed reverse name (RFC 8601 §2.7.3 iprev pass), or null. Set by the connection stage.</summary>
    public DomainName? ReverseName { get; init; }

    /// <summary>How reverse DNS came out: "pass", "fail", "permerror", "temperror" or "none" where it was not asked.</summary>
    public string ReverseResult { get; init; } = "none";

    /// <summary>The program that handed the message over, where a web site or a program of this computer did; null otherwise.</summary>
    public LocalCaller? Caller { get; init; }

    /// <summary>What the client did against the rules before DATA (early talking, bad pipelining…); short symbols.</summary>
    public IReadOnlyList<string> ProtocolFaults { get; init; } = [];
}
