using System.Net;
using Sternpost.Configuration;
using Sternpost.Dns;
using Sternpost.Setup.Checks;

namespace Sternpost.Composition;

/// <summary>The addresses the world reaches this server by.</summary>
internal static class ServerAddresses
{
    /// <summary>Those configured, else those the host name has in DNS, else those of the interfaces that are not private.</summary>
    public static async Task<IReadOnlyList<IPAddress>> OfAsync(ServerConfiguration configuration, IDnsResolver resolver, CancellationToken cancellation) =>
        configuration.Server.Addresses.Count > 0 ? configuration.Server.Addresses : await HostAddress.PublicAsync(configuration.Server.Hostname, resolver, cancellation);
}
