using Sternpost.Dns;

namespace Sternpost.MailAuth.Dmarc;

/// <summary>The outcome of DMARC (RFC 9989 §5.4, RFC 8601).</summary>
public enum DmarcKind
{
    /// <summary>The author domain takes no part.</summary>
    None,
    /// <summary>An aligned identifier is authenticated.</summary>
    Pass,
    /// <summary>None is.</summary>
    Fail,
    /// <summary>DNS did not answer now.</summary>
    TempError,
    /// <summary>The message has no single author domain to ask about.</summary>
    PermError,
}

/// <summary>What the domain's owner asks to be done with mail that fails (RFC 9989 §4.7 p).</summary>
public enum DmarcPolicy
{
    /// <summary>Nothing.</summary>
    None,
    /// <summary>Treat with suspicion.</summary>
    Quarantine,
    /// <summary>Refuse.</summary>
    Reject,
}

/// <summary>How one mechanism stands to the author domain.</summary>
/// <param name="Strict">Identity of names was demanded, not of organisational domains.</param>
/// <param name="AlignedDomain">The authenticated domain that aligns, or null.</param>
public sealed record DmarcAlignment(bool Strict, DomainName? AlignedDomain);

/// <summary>What DMARC says about a message.</summary>
/// <param name="Kind">The outcome.</param>
/// <param name="AuthorDomain">The domain of the From field, or null where there is no single one.</param>
/// <param name="Reason">One plain sentence.</param>
public sealed record DmarcResult(DmarcKind Kind, DomainName? AuthorDomain, string Reason)
{
    /// <summary>Why there is no single author domain; None where there is one.</summary>
    public AuthorProblem AuthorProblem { get; init; }

    /// <summary>The policy that applies to this author domain: p, sp or np, one step milder under t=y; null without a record.</summary>
    public DmarcPolicy? Policy { get; init; }

    /// <summary>The domain whose record applies; null without a record.</summary>
    public DomainName? RecordDomain { get; init; }

    /// <summary>The author's organisational domain; null where none was sought.</summary>
    public DomainName? OrganisationalDomain { get; init; }

    /// <summary>The record, read; null without one.</summary>
    public DmarcRecord? Record { get; init; }

    /// <summary>How DKIM aligns.</summary>
    public DmarcAlignment Dkim { get; init; } = new(false, null);

    /// <summary>How SPF aligns.</summary>
    public DmarcAlignment Spf { get; init; } = new(false, null);

    /// <summary>What the owner asks for this message: its policy where it failed, otherwise nothing.</summary>
    public DmarcPolicy Disposition => Kind == DmarcKind.Fail ? Policy ?? DmarcPolicy.None : DmarcPolicy.None;

    /// <summary>The result's word in header fields.</summary>
    public string Word => Kind.ToString().ToLowerInvariant();
}
