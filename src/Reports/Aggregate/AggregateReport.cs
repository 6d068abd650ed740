using System.Net;
using Sternpost.Dns;
using Sternpost.MailAuth.Dmarc;

namespace Sternpost.Reports.Aggregate;

/// <summary>Which form an aggregate report has.</summary>
public enum AggregateSchema
{
    /// <summary>RFC 7489 appendix C, and the drafts before it, which most reporters write.</summary>
    Rfc7489,
    /// <summary>RFC 9990 appendix A.</summary>
    Rfc9990,
}

/// <summary>A DMARC aggregate report (RFC 9990, RFC 7489 §7.2): who sent in a domain's name, as one receiver saw it.</summary>
public sealed record AggregateReport : Report
{
    /// <summary>The form it was written in.</summary>
    public AggregateSchema Schema { get; init; }

    /// <summary>Whom to ask about it.</summary>
    public string Email { get; init; } = "";

    /// <summary>Where else to ask; null where not given.</summary>
    public string? ExtraContact { get; init; }

    /// <summary>The program that wrote it; null where not given.</summary>
    public string? Generator { get; init; }

    /// <summary>Beginning of the time it covers.</summary>
    public DateTimeOffset Begin { get; init; }

    /// <summary>End of the time it covers.</summary>
    public DateTimeOffset End { get; init; }

    /// <summary>What the reporter found wrong with the policy record.</summary>
    public IReadOnlyList<string> Errors { get; init; } = [];

    /// <summary>The policy that the reporter saw.</summary>
    public required PublishedPolicy Policy { get; init; }

    /// <summary>What he saw, a row for each source and outcome.</summary>
    public required IReadOnlyList<AggregateRow> Rows { get; init; }
}

/// <summary>A policy as a reporter found it (policy_published).</summary>
/// <param name="Domain">The domain whose record applied.</param>
/// <param name="Policy">p; null where it makes no sense.</param>
public sealed record PublishedPolicy(DomainName Domain, DmarcPolicy? Policy)
{
    /// <summary>sp.</summary>
    public DmarcPolicy? Subdomains { get; init; }

    /// <summary>np (RFC 9989).</summary>
    public DmarcPolicy? Nonexistent { get; init; }

    /// <summary>adkim=s.</summary>
    public bool StrictDkim { get; init; }

    /// <summary>aspf=s.</summary>
    public bool StrictSpf { get; init; }

    /// <summary>t=y (RFC 9989).</summary>
    public bool Testing { get; init; }

    /// <summary>fo; null where not given.</summary>
    public string? FailureOptions { get; init; }

    /// <summary>How the record was found: <c>treewalk</c> or <c>psl</c>; null where not given.</summary>
    public string? Discovery { get; init; }
}

/// <summary>What the reporter did with the messages of a row.</summary>
public enum AggregateDisposition
{
    /// <summary>Nothing.</summary>
    None,
    /// <summary>Nothing, because they passed (RFC 9990).</summary>
    Pass,
    /// <summary>Treated as suspect.</summary>
    Quarantine,
    /// <summary>Refused.</summary>
    Reject,
}

/// <summary>Messages of one source with one outcome.</summary>
public sealed record AggregateRow
{
    /// <summary>The client that brought them.</summary>
    public required IPAddress Source { get; init; }

    /// <summary>How many.</summary>
    public required long Count { get; init; }

    /// <summary>What was done with them.</summary>
    public AggregateDisposition Disposition { get; init; }

    /// <summary>A good signature aligned with the author.</summary>
    public bool DkimAligned { get; init; }

    /// <summary>SPF passed and aligned with the author.</summary>
    public bool SpfAligned { get; init; }

    /// <summary>Why something else was done than the policy asks for.</summary>
    public IReadOnlyList<PolicyOverride> Overrides { get; init; } = [];

    /// <summary>The domain of the From field.</summary>
    public required string HeaderFrom { get; init; }

    /// <summary>The domain of the reverse-path; null where not given, empty for the null one.</summary>
    public string? EnvelopeFrom { get; init; }

    /// <summary>The domain of the recipients; null where not given.</summary>
    public string? EnvelopeTo { get; init; }

    /// <summary>The signatures.</summary>
    public IReadOnlyList<ReportedDkim> Dkim { get; init; } = [];

    /// <summary>SPF; more than one only in old reports.</summary>
    public IReadOnlyList<ReportedSpf> Spf { get; init; } = [];

    /// <summary>True where the messages pass DMARC, and so under every policy.</summary>
    public bool Passes => DkimAligned || SpfAligned;
}

/// <summary>Why a policy was not followed.</summary>
/// <param name="Type">Such as <c>mailing_list</c>, <c>local_policy</c> or <c>trusted_forwarder</c>.</param>
/// <param name="Comment">More about it, or null.</param>
public sealed record PolicyOverride(string Type, string? Comment);

/// <summary>What came of one signature.</summary>
/// <param name="Domain">d=.</param>
/// <param name="Selector">s=; null where the reporter does not say.</param>
/// <param name="Result">The word of RFC 8601 §2.7.1.</param>
/// <param name="Explanation">More about it, or null.</param>
public sealed record ReportedDkim(string Domain, string? Selector, string Result, string? Explanation);

/// <summary>What SPF came to.</summary>
/// <param name="Domain">The domain asked.</param>
/// <param name="Scope"><c>mfrom</c> or <c>helo</c>; null where the reporter does not say.</param>
/// <param name="Result">The word of RFC 8601 §2.7.2.</param>
/// <param name="Explanation">More about it, or null.</param>
public sealed record ReportedSpf(string Domain, string? Scope, string Result, string? Explanation);
