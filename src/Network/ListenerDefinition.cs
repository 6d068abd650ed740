using System.Net;

namespace Sternpost.Network;

/// <summary>One door: what listens where and what it does with a connection.</summary>
/// <param name="Name">For logs and metrics: "mx", "imaps"….</param>
/// <param name="EndPoints">Addresses and ports; port 0 takes a free one.</param>
/// <param name="Tls">When TLS starts.</param>
/// <param name="Session">The protocol.</param>
public sealed record ListenerDefinition(string Name, IReadOnlyList<IPEndPoint> EndPoints, TlsMode Tls, MailSession Session)
{
    /// <summary>The line a client over a limit is told before the connection closes, with CRLF; empty says nothing.</summary>
    public string TooManyReply { get; init; } = "";

    /// <summary>Path of a socket for programs of this computer; empty for none.</summary>
    public string SocketPath { get; init; } = "";

    /// <summary>Whether the limits on connections from one address hold: not where one server brings the mail of many clients. Default true.</summary>
    public bool IsCounted { get; init; } = true;

    /// <summary>Networks whose connections must begin with a PROXY protocol v2 header; from elsewhere none is read.</summary>
    public IReadOnlyList<IPNetwork> ProxyNetworks { get; init; } = [];
}

/// <summary>Limits of the connection stage; all count per process.</summary>
public sealed record ConnectionLimits
{
    /// <summary>Open connections in all. Default 4,000: about 100 MB of buffers at worst.</summary>
    public int Total { get; init; } = 4000;

    /// <summary>Open connections from one address (an IPv6 /64 counts as one). Default 50.</summary>
    public int PerAddress { get; init; } = 50;

    /// <summary>Open connections from one network: IPv4 /24, IPv6 /48. Default 200.</summary>
    public int PerNetwork { get; init; } = 200;

    /// <summary>New connections from one address in a minute. Default 300.</summary>
    public int PerAddressPerMinute { get; init; } = 300;

    /// <summary>A TLS handshake must end within this. Default 30 s.</summary>
    public TimeSpan Handshake { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A PROXY header must come within this. Default 5 s.</summary>
    public TimeSpan ProxyHeader { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Networks the counts above do not apply to.</summary>
    public IReadOnlyList<IPNetwork> Exempt { get; init; } = [];
}
