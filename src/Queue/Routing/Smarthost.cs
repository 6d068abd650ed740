using Sternpost.Smtp.Client;

namespace Sternpost.Queue.Routing;

/// <summary>A server that passes our mail on.</summary>
/// <param name="Host">Its name or address.</param>
/// <param name="Port">587 for submission, 465 for implicit TLS, 25 for a relay in the house.</param>
/// <param name="Tls">How the connection is protected.</param>
/// <param name="Credentials">Name and password, sent over TLS only; null where it asks for none.</param>
public sealed record Smarthost(string Host, int Port = 587, OutboundTls Tls = OutboundTls.Verified, ClientCredentials? Credentials = null);

/// <summary>A destination the administrator named.</summary>
/// <param name="Host">Its name or address.</param>
/// <param name="Port">Its port. Default 25.</param>
/// <param name="Tls">How the connection is protected.</param>
public sealed record StaticRoute(string Host, int Port = 25, OutboundTls Tls = OutboundTls.Opportunistic)
{
    /// <summary>The servers that DNS names, instead of a host.</summary>
    public bool ByMx { get; init; }

    /// <summary>Where mail goes while this one takes none; null where it waits.</summary>
    public StaticRoute? Fallback { get; init; }
}
