using System.Net;

namespace Sternpost.Smtp.Client;

/// <summary>A server to hand mail to.</summary>
/// <param name="Name">The host name it was found by: asked for in TLS (SNI), compared with the certificate, shown to people. An address where it has no name.</param>
/// <param name="EndPoint">Where it listens.</param>
/// <param name="Tls">How the connection is protected.</param>
/// <param name="Credentials">Name and password, sent over TLS only; null where it asks for none.</param>
public sealed record RemoteServer(string Name, IPEndPoint EndPoint, OutboundTls Tls = OutboundTls.Opportunistic, ClientCredentials? Credentials = null)
{
    /// <summary>Its TLSA records; given where <see cref="Tls"/> is <see cref="OutboundTls.Dane"/>.</summary>
    public DaneAuthentication? Dane { get; init; }

    /// <summary>What decided on <see cref="Tls"/>.</summary>
    public TransportRule Rule { get; init; }

    /// <summary>Its name was found in a way nobody on the network can have changed: by secure DNS, or in an MTA-STS policy (RFC 8689 §4.2.1).</summary>
    public bool IsNameProved { get; init; }
}
