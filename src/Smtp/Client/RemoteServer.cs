using System.Net;

namespace Sternpost.Smtp.Client;

/// <summary>A server to hand mail to.</summary>
/// <param name="Name">The host name it was found by: asked for in TLS (SNI), compared with the certificate, shown to people. An address where it has no name.</param>
/// <param name="EndPoint">Where it listens.</param>
/// <param name="Tls">How the connection is protected.</param>
/// <param name="Credentials">Name and password, sent over TLS only; null where it asks for none.</param>
public sealed record RemoteServer(string Name, IPEndPoint EndPoint, OutboundTls Tls = OutboundTls.Opportunistic, ClientCredentials? Credentials = null);
