using Sternpost.Dns;
using Sternpost.Reports.Aggregate;

namespace Sternpost.Reports.Received;

/// <summary>What kind of report was received.</summary>
public enum ReportKind
{
    /// <summary>DMARC aggregate (RFC 9990, RFC 7489).</summary>
    Dmarc = 1,
    /// <summary>TLS (RFC 8460).</summary>
    Tls = 2,
    /// <summary>Feedback on one message (RFC 5965).</summary>
    Feedback = 3,
}

/// <summary>A report as it is kept.</summary>
/// <param name="Id">The id it is shown by; 0 before it is kept.</param>
/// <param name="Kind">What kind.</param>
/// <param name="Domain">The domain it is about, one of ours or below one.</param>
/// <param name="Organisation">Who made it, as he calls himself.</param>
/// <param name="ReportId">What he calls it.</param>
/// <param name="Sender">The domain of the mail it came in; empty where it names none.</param>
/// <param name="Authenticated">That mail proved to be of that domain (RFC 9990 §3.5.2 wants it); only such reports are evidence.</param>
public sealed record ReceivedReport(long Id, ReportKind Kind, DomainName Domain, string Organisation, string ReportId, string Sender, bool Authenticated)
{
    /// <summary>The policy its author saw: p= of DMARC, the policy types of TLS, the kind of feedback.</summary>
    public string Policy { get; init; } = "";

    /// <summary>Beginning of the time it covers.</summary>
    public DateTimeOffset Begin { get; init; }

    /// <summary>End of the time it covers.</summary>
    public DateTimeOffset End { get; init; }

    /// <summary>When it came.</summary>
    public DateTimeOffset Received { get; init; }

    /// <summary>Messages that passed DMARC, or sessions that came about.</summary>
    public long Passed { get; init; }

    /// <summary>Messages that did not, sessions that did not, or messages complained about.</summary>
    public long Failed { get; init; }
}

/// <summary>A row of a kept report.</summary>
/// <param name="Source">DMARC: the client's address. TLS: our server's name or address. Feedback: the client's address.</param>
/// <param name="Author">DMARC: the domain of the From field. TLS: the policy's domain. Feedback: the author's address.</param>
/// <param name="Messages">How many messages or sessions.</param>
public sealed record ReceivedRow(string Source, string Author, long Messages)
{
    /// <summary>DMARC: what was done with them.</summary>
    public AggregateDisposition Disposition { get; init; }

    /// <summary>DMARC: a good signature aligned.</summary>
    public bool DkimAligned { get; init; }

    /// <summary>DMARC: SPF passed and aligned.</summary>
    public bool SpfAligned { get; init; }

    /// <summary>DMARC: signatures as <c>domain/selector=result</c>, with spaces between them.</summary>
    public string Dkim { get; init; } = "";

    /// <summary>DMARC: SPF as <c>domain=result</c>.</summary>
    public string Spf { get; init; } = "";

    /// <summary>DMARC: why the policy was not followed. TLS: the type of failure with what else is known. Feedback: what failed, and the Message-ID.</summary>
    public string Reason { get; init; } = "";

    /// <summary>DMARC: true where the messages pass under every policy.</summary>
    public bool Passes => DkimAligned || SpfAligned;
}
