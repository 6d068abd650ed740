using System.Net;
using System.Net.Sockets;
using Sternpost.Dns;

namespace Sternpost.Demo;

/// <summary>
/// The demo's DNS: a zone in memory for demo.test and the domains of the scene. It is the authority for these, for .test and .example (RFC 6761)
/// and for the addresses of this computer and of RFC 5737; of everything else it says "cannot tell now", because the demo never asks the world.
/// </summary>
internal sealed class DemoZone(ZoneResolver zone, IDnsResolver? beside = null) : IDnsResolver
{
    private static readonly string[] OwnTops = ["test", "example", "localhost", "invalid"];
    private static readonly IPNetwork[] OwnNetworks =
    [
        IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("::1/128"), IPNetwork.Parse("192.0.2.0/24"), IPNetwork.Parse("198.51.100.0/24"), IPNetwork.Parse("203.0.113.0/24"),
    ];

    public ValueTask<DnsAnswer<string>> TxtAsync(DomainName name, CancellationToken cancellation) => AskAsync(name, resolver => resolver.TxtAsync(name, cancellation));

    public ValueTask<DnsAnswer<IPAddress>> AddressesAsync(DomainName name, AddressFamily family, CancellationToken cancellation) => AskAsync(name, resolver => resolver.AddressesAsync(name, family, cancellation));

    public ValueTask<DnsAnswer<MxRecord>> MxAsync(DomainName name, CancellationToken cancellation) => AskAsync(name, resolver => resolver.MxAsync(name, cancellation));

    public ValueTask<DnsAnswer<DomainName>> PtrAsync(IPAddress address, CancellationToken cancellation) =>
        OwnNetworks.Any(network => network.Contains(address)) ? zone.PtrAsync(address, cancellation) : CannotTell<DomainName>();

    private async ValueTask<DnsAnswer<T>> AskAsync<T>(DomainName name, Func<IDnsResolver, ValueTask<DnsAnswer<T>>> ask)
    {
        if (!Knows(name)) return await CannotTell<T>();
        var own = await ask(zone);
        return own.Records.Count == 0 && beside is not null && name.Ascii.EndsWith(".example", StringComparison.Ordinal) ? await ask(beside) : own;
    }

    private static bool Knows(DomainName name)
    {
        var text = name.Ascii;
        return OwnTops.Contains(text[(text.LastIndexOf('.') + 1)..]);
    }

    private static ValueTask<DnsAnswer<T>> CannotTell<T>() => ValueTask.FromResult(DnsAnswer<T>.Of(DnsStatus.TemporaryFailure));
}
