using System.Net;

namespace Sternpost.Dns.Lists;

/// <summary>What a DNS list said.</summary>
public enum DnsListOutcome
{
    /// <summary>Not on the list.</summary>
    NotListed,
    /// <summary>On the list; the codes say how.</summary>
    Listed,
    /// <summary>The list does not serve us (an error code); counts for nothing.</summary>
    Refused,
    /// <summary>No answer now; counts for nothing.</summary>
    Unavailable,
}

/// <summary>An answer of a DNS list.</summary>
/// <param name="Outcome">Whether the entry stands.</param>
/// <param name="Codes">The 127.0.0.0/8 addresses of a listing; empty otherwise.</param>
public sealed record DnsListAnswer(DnsListOutcome Outcome, IReadOnlyList<IPAddress> Codes)
{
    internal static DnsListAnswer Of(DnsListOutcome outcome) => new(outcome, []);

    /// <summary>True where the list returned this code, for lists whose last octet is a bit mask or a class.</summary>
    public bool Has(Func<byte, bool> lastOctet) => Codes.Any(code => lastOctet(code.GetAddressBytes()[3]));
}
