using System.Net;
using System.Security.Cryptography.X509Certificates;
using Sternpost.Dns;
using Sternpost.Smtp.Client.Wires;

namespace Sternpost.Smtp.Client;

/// <summary>Who we are to other servers and how long we wait for them.</summary>
public sealed record ClientOptions
{
    /// <summary>Our name in EHLO.</summary>
    public required DomainName HelloName { get; init; }

    /// <summary>Addresses of this computer to connect from, one of the family of the other end; empty lets the system choose.</summary>
    public IReadOnlyList<IPAddress> SourceAddresses { get; init; } = [];

    /// <summary>Patience.</summary>
    public ClientDeadlines Deadlines { get; init; } = new();

    /// <summary>Who makes the connections.</summary>
    public IOutboundWires Wires { get; init; } = DirectWires.Instance;

    /// <summary>The authorities certificates are verified by; null for those of the operating system.</summary>
    public X509Certificate2Collection? TrustedRoots { get; init; }
}
