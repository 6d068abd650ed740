using System.Net;

namespace Sternpost.MailAuth.Spf;

/// <summary>What a mechanism tests (RFC 7208 §5).</summary>
internal enum SpfMechanism
{
    All,
    Include,
    A,
    Mx,
    Pointer,
    Ip4,
    Ip6,
    Exists,
}

/// <summary>One directive: a mechanism, what its match means, and its arguments.</summary>
/// <param name="Mechanism">The test.</param>
/// <param name="Meaning">The result a match gives (RFC 7208 §4.6.2 qualifiers).</param>
/// <param name="DomainSpec">The domain-spec, macros unexpanded, or null for the current domain.</param>
/// <param name="Network">The network of ip4 and ip6.</param>
/// <param name="Prefix4">Bits compared of IPv4 addresses.</param>
/// <param name="Prefix6">Bits compared of IPv6 addresses.</param>
/// <param name="Text">The term as published.</param>
internal sealed record SpfTerm(
    SpfMechanism Mechanism, SpfKind Meaning, string? DomainSpec, IPAddress? Network, int Prefix4, int Prefix6, string Text)
{
    /// <summary>RFC 7208 §4.6.4: only these cost lookups.</summary>
    public bool AsksDns => Mechanism is not (SpfMechanism.All or SpfMechanism.Ip4 or SpfMechanism.Ip6);
}
