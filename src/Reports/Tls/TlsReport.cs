using System.Net;
using Sternpost.Dns;

namespace Sternpost.Reports.Tls;

/// <summary>A TLS report (RFC 8460 §4): how another's connections to our servers came out.</summary>
public sealed record TlsReport : Report
{
    /// <summary>Whom to ask about it.</summary>
    public string Contact { get; init; } = "";

    /// <summary>Beginning of the time it covers.</summary>
    public DateTimeOffset Begin { get; init; }

    /// <summary>End of the time it covers.</summary>
    public DateTimeOffset End { get; init; }

    /// <summary>A part for each policy that was applied.</summary>
    public required IReadOnlyList<TlsPolicyResult> Policies { get; init; }
}

/// <summary>What came of connections under one policy.</summary>
/// <param name="Type"><c>sts</c>, <c>tlsa</c> or <c>no-policy-found</c>.</param>
/// <param name="Domain">The policy's domain.</param>
public sealed record TlsPolicyResult(string Type, DomainName Domain)
{
    /// <summary>The policy's lines as the reporter saw them.</summary>
    public IReadOnlyList<string> Policy { get; init; } = [];

    /// <summary>The server names it allows.</summary>
    public IReadOnlyList<string> MxHosts { get; init; } = [];

    /// <summary>Sessions that came about.</summary>
    public long Successful { get; init; }

    /// <summary>Sessions that did not.</summary>
    public long Failed { get; init; }

    /// <summary>Why not.</summary>
    public IReadOnlyList<TlsFailure> Failures { get; init; } = [];
}

/// <summary>Sessions that failed for one reason.</summary>
/// <param name="Type">The word of RFC 8460 §4.3, such as <c>certificate-expired</c>.</param>
/// <param name="Sessions">How many.</param>
public sealed record TlsFailure(string Type, long Sessions)
{
    /// <summary>The sender; null where not given.</summary>
    public IPAddress? SendingAddress { get; init; }

    /// <summary>Our server; null where not given.</summary>
    public IPAddress? ReceivingAddress { get; init; }

    /// <summary>Its name; null where not given.</summary>
    public string? ReceivingHost { get; init; }

    /// <summary>The name it greeted by; null where not given.</summary>
    public string? ReceivingHello { get; init; }

    /// <summary>The reporter's own code; null where not given.</summary>
    public string? ReasonCode { get; init; }

    /// <summary>More about it; null where not given.</summary>
    public string? Information { get; init; }
}
