using Sternpost.Dns;
using Sternpost.Smtp.Client;

namespace Sternpost.Queue.Routing;

/// <summary>Where mail of some domains goes next. Deliveries to one next hop share its connections, its concurrency and its failures.</summary>
/// <param name="Name">For people, logs and as its key.</param>
internal abstract record NextHop(string Name)
{
    /// <summary>Where mail goes while this one takes none; null where it waits.</summary>
    internal NextHop? Fallback { get; init; }

    /// <summary>The servers that DNS names for the domain.</summary>
    internal sealed record Exchanges(DomainName Domain) : NextHop(Domain.Ascii);

    /// <summary>A server the administrator named: the smarthost or a static route.</summary>
    internal sealed record Relay(string Host, int Port, OutboundTls Tls, ClientCredentials? Credentials) : NextHop(Host + ":" + Port);
}

/// <summary>Says which next hop a domain has. Asks nobody: the same domain always has the same one.</summary>
internal sealed class RouteTable(QueueOptions options)
{
    private readonly NextHop? fallback = options.FallbackRelay is { } last ? Hop(last, null) : null;
    private readonly NextHop.Relay? smarthost = options.Smarthost is { } relay ? new NextHop.Relay(relay.Host, relay.Port, relay.Tls, relay.Credentials) : null;

    internal NextHop Of(DomainName domain) =>
        options.Routes.TryGetValue(domain, out var route) ? Hop(route, domain)
        : smarthost ?? (NextHop)new NextHop.Exchanges(domain) { Fallback = fallback };

    /// <summary>Where risky mail goes instead; null where it goes the way of the rest.</summary>
    internal NextHop? Risky { get; } = options.RiskyRelay is { } relay ? Hop(relay, null) : null;

    private static NextHop Hop(StaticRoute route, DomainName? domain)
    {
        var next = route.Fallback is { } fallback ? Hop(fallback, domain) : null;
        return route.ByMx && domain is not null
            ? new NextHop.Exchanges(domain) { Fallback = next }
            : new NextHop.Relay(route.Host, route.Port, route.Tls, null) { Fallback = next };
    }
}
