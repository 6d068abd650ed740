using System.Net;
using Sternpost.Dns;
using Sternpost.MailAuth.Arc;
using Sternpost.MailAuth.Dkim;
using Sternpost.MailAuth.Dkim2;
using Sternpost.MailAuth.Dmarc;
using Sternpost.MailAuth.Results;
using Sternpost.MailAuth.Spf;

namespace Sternpost.MailAuth;

/// <summary>All that authentication says about one message.</summary>
/// <param name="Spf">SPF of the reverse-path, or of HELO where that is null.</param>
/// <param name="Dkim">One result a signature, in header order; empty where the message bears none.</param>
/// <param name="Dmarc">DMARC over both.</param>
/// <param name="ClientAddress">The client.</param>
/// <param name="Iprev">How reverse DNS came out (RFC 8601 §2.7.3): pass, fail, temperror, permerror or none.</param>
public sealed record AuthenticationOutcome(SpfResult Spf, IReadOnlyList<DkimResult> Dkim, DmarcResult Dmarc, IPAddress ClientAddress, string Iprev)
{
    /// <summary>The domain of the From field; null where there is none, or more than one.</summary>
    public DomainName? FromDomain => Dmarc.AuthorDomain;

    /// <summary>The state of the message's ARC chain.</summary>
    public ArcResult Arc { get; init; } = new(ArcKind.None, "");

    /// <summary>What DKIM2 says; null where it was not asked for.</summary>
    public Dkim2Result? Dkim2 { get; init; }

    /// <summary>The reverse-path as given, for the header field; null for the null reverse-path.</summary>
    public string? MailFrom { get; init; }

    /// <summary>The HELO argument as sent.</summary>
    public string Helo { get; init; } = "";

    /// <summary>The value of an Authentication-Results field after its authserv-id and first semicolon (RFC 8601), folded, without a final line end.</summary>
    public string ToHeaderValue() => AuthenticationResults.Value(this);
}
