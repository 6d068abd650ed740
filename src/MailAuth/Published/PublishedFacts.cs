using System.Net;
using System.Security.Cryptography.X509Certificates;
using Sternpost.Dns;

namespace Sternpost.MailAuth.Published;

/// <summary>What the records of a domain are made from.</summary>
/// <param name="Domain">The domain.</param>
/// <param name="HostName">The server.</param>
/// <param name="Addresses">The addresses the world reaches it by.</param>
/// <param name="DkimKeys">The keys its mail is signed with.</param>
public sealed record PublishedFacts(DomainName Domain, DomainName HostName, IReadOnlyList<IPAddress> Addresses, IReadOnlyList<PublishedKey> DkimKeys)
{
    /// <summary>The local-part to which reports are asked for.</summary>
    public string ReportMailbox { get; init; } = "postmaster";

    /// <summary>The text of the record at <c>_mta-sts</c>; null where no policy is served.</summary>
    public string? StsRecord { get; init; }

    /// <summary>The TLSA value of the server's certificate, as <c>3 1 1</c> and hexadecimal; null where there is none to speak of.</summary>
    public string? Tlsa { get; init; }

    /// <summary>The certificates the server shows, its own first; empty where they are not known.</summary>
    public IReadOnlyList<X509Certificate2> Certificates { get; init; } = [];

    /// <summary>Fetches the MTA-STS policy from outside and compares it; null where nobody should look.</summary>
    public Func<CancellationToken, Task<PolicyFinding>>? ServedPolicy { get; init; }

    /// <summary>The domain by which CAA names the authority of that certificate; null where it is not known.</summary>
    public string? CertificateAuthority { get; init; }
}

/// <summary>What the policy that senders fetch looks like.</summary>
/// <param name="IsSound">It is the one this server means to serve.</param>
/// <param name="Remarks">What is different, and what follows.</param>
public sealed record PolicyFinding(bool IsSound, IReadOnlyList<string> Remarks);
