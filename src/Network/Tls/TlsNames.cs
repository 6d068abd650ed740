using System.Security.Authentication;

namespace Sternpost.Network.Tls;

/// <summary>The names Received headers and logs use.</summary>
public static class TlsNames
{
    /// <summary><c>TLSv1.3</c> and the like.</summary>
    public static string Version(SslProtocols protocol) => protocol switch
    {
        SslProtocols.Tls13 => "TLSv1.3",
        SslProtocols.Tls12 => "TLSv1.2",
        _ => protocol.ToString(),
    };
}
