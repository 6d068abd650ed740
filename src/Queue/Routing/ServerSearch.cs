using System.Net;
using System.Net.Sockets;
using Sternpost.Dns;
using Sternpost.Smtp.Client;

namespace Sternpost.Queue.Routing;

/// <summary>
/// The servers of one next hop, one after another in the order in which they are to be tried (RFC 5321 §5.1). DNS is asked only
/// as far as it is needed: addresses of the second preference when the first has failed.
/// </summary>
internal sealed class ServerSearch
{
    // RFC 5321 §5.1 wants at least two addresses tried; beyond so many a delivery would only be a burden to itself.
    private const int MaxServers = 10;

    private readonly IDnsResolver dns;
    private readonly QueueOptions options;
    private readonly OwnAddresses own;
    private readonly AddressMemory memory;
    private readonly Random random;
    private readonly NextHop hop;
    private readonly Queue<RemoteServer> found = new();
    private Queue<List<DomainName>>? groups;
    private int given;
    private bool dnsFailed;

    internal ServerSearch(IDnsResolver dns, QueueOptions options, OwnAddresses own, AddressMemory memory, Random random, NextHop hop)
    {
        this.dns = dns;
        this.options = options;
        this.own = own;
        this.memory = memory;
        this.random = random;
        this.hop = hop;
    }

    /// <summary>Why there was no server at all; null while there may be one, and after there was one.</summary>
    internal RouteFailure? Failure { get; private set; }

    /// <summary>The next server to try; null when there is none left.</summary>
    internal async ValueTask<RemoteServer?> NextAsync(CancellationToken cancellation)
    {
        if (groups is null) await BeginAsync(cancellation).ConfigureAwait(false);
        while (found.Count == 0)
        {
            if (Failure is not null || given > MaxServers || !groups!.TryDequeue(out var group))
            {
                if (given == 0) Failure ??= dnsFailed ? DnsFailed : new RouteFailure("5.4.4", "has no mail server with an address", IsPermanent: true);
                return null;
            }
            await ResolveAsync(group, cancellation).ConfigureAwait(false);
        }
        return ++given > MaxServers ? null : found.Dequeue();
    }

    private static RouteFailure DnsFailed { get; } = new("4.4.3", "cannot be looked up in DNS at the moment", IsPermanent: false);

    private async ValueTask BeginAsync(CancellationToken cancellation)
    {
        groups = new Queue<List<DomainName>>();
        switch (hop)
        {
            case NextHop.Relay relay when IPAddress.TryParse(relay.Host, out var address):
                Offer(relay.Host, address);
                break;
            case NextHop.Relay { Host: "localhost" } relay:
                Offer(relay.Host, IPAddress.IPv6Loopback);
                Offer(relay.Host, IPAddress.Loopback);
                break;
            case var _ when options.LoopbackOnly:
                break;
            case NextHop.Relay relay when DomainName.TryParse(relay.Host, out var host):
                groups.Enqueue([host]);
                break;
            case NextHop.Exchanges exchanges:
                await FindExchangesAsync(exchanges.Domain, cancellation).ConfigureAwait(false);
                break;
        }
        if (options.LoopbackOnly && found.Count == 0)
            Failure = new RouteFailure("5.3.2", "lies beyond this computer, and this demonstration sends nothing there", IsPermanent: true);
    }

    private async ValueTask FindExchangesAsync(DomainName domain, CancellationToken cancellation)
    {
        var answer = await dns.MxAsync(domain, cancellation).ConfigureAwait(false);
        switch (answer.Status)
        {
            case DnsStatus.NameError:
                Failure = new RouteFailure("5.1.2", "does not exist", IsPermanent: true);
                break;
            case DnsStatus.TemporaryFailure:
                Failure = DnsFailed;
                break;
            case DnsStatus.NoData:
                // RFC 5321 §5.1: without MX the domain's own host is the implicit one, of preference 0.
                groups!.Enqueue([domain]);
                break;
            case DnsStatus.Success when answer.Records.All(mx => mx.Exchange is null):
                // RFC 7505 §4.1: a null MX is for 556 5.1.10, at once.
                Failure = new RouteFailure("5.1.10", "takes no mail, as its DNS says (null MX)", IsPermanent: true);
                break;
            default:
                Rank([.. answer.Records.Where(mx => mx.Exchange is not null)]);
                break;
        }
    }

    private void Rank(List<MxRecord> records)
    {
        // RFC 5321 §5.1: where we are among them, only those preferred to us may be tried: the others would give it back to us.
        var limit = records.Where(mx => mx.Exchange == options.HostName).Select(mx => mx.Preference).DefaultIfEmpty(int.MaxValue).Min();
        foreach (var group in records.Where(mx => mx.Preference < limit).GroupBy(mx => mx.Preference).OrderBy(group => group.Key))
        {
            var hosts = group.Select(mx => mx.Exchange!).Distinct().ToArray();
            // RFC 5321 §5.1: equal preferences share the load by chance.
            random.Shuffle(hosts);
            groups!.Enqueue([.. hosts.Take(MaxServers)]);
        }
        if (groups!.Count == 0) Failure = Loop;
    }

    private static RouteFailure Loop { get; } = new("5.4.6", "has this very server as its mail server, and this server does not know the domain", IsPermanent: true);

    private async ValueTask ResolveAsync(List<DomainName> hosts, CancellationToken cancellation)
    {
        var servers = new List<(DomainName Host, IPAddress Address)>();
        foreach (var host in hosts)
        {
            var six = await AddressesAsync(host, AddressFamily.InterNetworkV6, cancellation).ConfigureAwait(false);
            var four = await AddressesAsync(host, AddressFamily.InterNetwork, cancellation).ConfigureAwait(false);
            // Alternately, so that a host with many addresses of a family that does not work here still gets its other one tried.
            for (var i = 0; i < Math.Max(six.Count, four.Count); i++)
            {
                if (i < six.Count) servers.Add((host, six[i]));
                if (i < four.Count) servers.Add((host, four[i]));
            }
        }
        if (hop is NextHop.Exchanges && servers.Exists(server => own.Contains(server.Address)))
        {
            groups!.Clear();
            if (given == 0) Failure = Loop;
            return;
        }
        // A stable order: those that failed lately go behind the rest of their preference.
        foreach (var (host, address) in servers.OrderBy(server => memory.IsFailing(server.Address))) Offer(host.Ascii, address);
    }

    private async ValueTask<IReadOnlyList<IPAddress>> AddressesAsync(DomainName host, AddressFamily family, CancellationToken cancellation)
    {
        var answer = await dns.AddressesAsync(host, family, cancellation).ConfigureAwait(false);
        dnsFailed |= answer.Status == DnsStatus.TemporaryFailure;
        var usable = answer.Records.Where(OwnAddresses.IsUsable).Take(MaxServers).ToArray();
        random.Shuffle(usable);
        return usable;
    }

    // The one place every address passes: in the demonstration nothing beyond this computer gets through.
    private void Offer(string host, IPAddress address)
    {
        if (options.LoopbackOnly && !IPAddress.IsLoopback(address)) return;
        found.Enqueue(hop is NextHop.Relay relay
            ? new RemoteServer(host, new IPEndPoint(address, relay.Port), relay.Tls, relay.Credentials)
            : new RemoteServer(host, new IPEndPoint(address, options.Port)));
    }
}
