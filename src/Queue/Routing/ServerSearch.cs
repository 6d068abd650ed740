using System.Net;
using System.Net.Sockets;
using Sternpost.Dns;
using Sternpost.Queue.TransportSecurity;
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
    private readonly StsPolicies? policies;
    private readonly NextHop hop;
    private readonly TransportNeed need;
    private readonly Queue<RemoteServer> found = new();
    private Queue<List<DomainName>>? groups;
    private int given;
    private bool dnsFailed;
    private bool isMxSecure;
    private RouteFailure? turnedDown;

    internal ServerSearch(IDnsResolver dns, QueueOptions options, OwnAddresses own, AddressMemory memory, Random random, StsPolicies? policies, NextHop hop, TransportNeed need)
    {
        this.dns = dns;
        this.options = options;
        this.own = own;
        this.memory = memory;
        this.random = random;
        this.policies = policies;
        this.hop = hop;
        this.need = need;
    }

    /// <summary>What MTA-STS says of the destination; known once the first server was asked for.</summary>
    internal StsFinding Sts { get; private set; } = StsFinding.Nothing;

    /// <summary>Hosts that must not be used, for the TLS report, each with how RFC 8460 §4.3 calls the reason and the reason.</summary>
    internal List<(DomainName Host, string ResultType, string Reason)> TurnedDown { get; } = [];

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
                if (given == 0) Failure ??= turnedDown ?? (dnsFailed ? DnsFailed : new RouteFailure("5.4.4", "has no mail server with an address", IsPermanent: true));
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
        isMxSecure = answer.Authenticated;
        if (policies is not null && need != TransportNeed.TlsNotRequired && answer.Status is DnsStatus.Success or DnsStatus.NoData)
            Sts = await policies.FindAsync(domain, cancellation).ConfigureAwait(false);
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
        var servers = new List<RemoteServer>();
        foreach (var host in hosts)
        {
            var six = await AddressesAsync(host, AddressFamily.InterNetworkV6, cancellation).ConfigureAwait(false);
            var four = await AddressesAsync(host, AddressFamily.InterNetwork, cancellation).ConfigureAwait(false);
            if (six.Addresses.Length + four.Addresses.Length == 0) continue;
            if (await ProtectAsync(host, six.IsSecure && four.IsSecure, cancellation).ConfigureAwait(false) is not { } protection) continue;
            // Alternately, so that a host with many addresses of a family that does not work here still gets its other one tried.
            for (var i = 0; i < Math.Max(six.Addresses.Length, four.Addresses.Length); i++)
            {
                if (i < six.Addresses.Length) servers.Add(At(protection, six.Addresses[i]));
                if (i < four.Addresses.Length) servers.Add(At(protection, four.Addresses[i]));
            }
        }
        if (hop is NextHop.Exchanges && servers.Exists(server => own.Contains(server.EndPoint.Address)))
        {
            groups!.Clear();
            if (given == 0) Failure = Loop;
            return;
        }
        // A stable order: those that failed lately go behind the rest of their preference.
        foreach (var server in servers.OrderBy(server => memory.IsFailing(server.EndPoint.Address))) Offer(server);
    }

    // How a connection to the host is to be protected, its address still open; null where the host must not be used.
    private async ValueTask<RemoteServer?> ProtectAsync(DomainName host, bool isSecure, CancellationToken cancellation)
    {
        var nowhere = new IPEndPoint(IPAddress.None, 0);
        if (hop is not NextHop.Exchanges exchanges) return ToRelay((NextHop.Relay)hop, host.Ascii, nowhere);
        if (need == TransportNeed.TlsNotRequired) return new RemoteServer(host.Ascii, nowhere) { Rule = TransportRule.TlsNotRequired };
        var named = Sts.Policy?.Names(host) == true;
        // RFC 8461 §4.1, §5: in mode enforce a host the policy does not name gets no mail.
        if (Sts.Policy is { Mode: StsMode.Enforce } && !named)
            return TurnDown(host, "validation-failure", new RouteFailure("4.7.5", $"has {host} as a mail server, which is not one of those its MTA-STS policy names", IsPermanent: false) { Rule = TransportRule.MtaSts });
        if (need == TransportNeed.RequireTls && !isMxSecure && !named)
            return TurnDown(host, null, new RouteFailure("5.7.30", "names its mail servers neither by secure DNS nor in an MTA-STS policy, and the sender demands that (REQUIRETLS)", IsPermanent: true) { Rule = TransportRule.RequireTls });

        // RFC 7672 §2.2.1: TLSA records mean something where the way to the host was secure all along.
        var dane = isMxSecure && isSecure && options.Dane ? await DaneLookup.FindAsync(dns, host, exchanges.Domain, options.Port, cancellation).ConfigureAwait(false) : DaneFinding.None;
        if (dane.State == DaneState.Failed)
            return TurnDown(host, "dnssec-invalid", new RouteFailure("4.4.3", $"has the mail server {host}, of which DNS does not say at the moment how it proves itself (TLSA)", IsPermanent: false) { Rule = TransportRule.Dane });
        var found = new RemoteServer(host.Ascii, nowhere) { IsNameProved = isMxSecure || named, Rule = need == TransportNeed.RequireTls ? TransportRule.RequireTls : TransportRule.Opportunistic };
        return (dane.State, Sts.Policy?.Mode) switch
        {
            // RFC 8461 §2: where both are there, MTA-STS must not excuse what DANE refuses.
            (DaneState.Usable, _) => found with { Tls = OutboundTls.Dane, Dane = dane.Authentication, Rule = found.Rule == TransportRule.RequireTls ? TransportRule.RequireTls : TransportRule.Dane },
            (_, _) when need == TransportNeed.RequireTls => found with { Tls = OutboundTls.Verified },
            (_, StsMode.Enforce) => found with { Tls = OutboundTls.Verified, Rule = TransportRule.MtaSts },
            (DaneState.Unusable, _) => found with { Tls = OutboundTls.Required, Rule = TransportRule.Dane },
            (_, StsMode.Testing) => found with { Rule = TransportRule.MtaStsTesting },
            _ => found,
        };
    }

    private RemoteServer? TurnDown(DomainName host, string? resultType, RouteFailure why)
    {
        if (resultType is not null) TurnedDown.Add((host, resultType, why.Reason));
        // What may pass by itself is the better answer of several.
        if (turnedDown is null or { IsPermanent: true }) turnedDown = why;
        return null;
    }

    private RemoteServer ToRelay(NextHop.Relay relay, string host, IPEndPoint endPoint) => new(host, endPoint, Relayed(relay.Tls), relay.Credentials)
    {
        // The administrator named it, which is as good as a proof.
        IsNameProved = true,
        Rule = need == TransportNeed.RequireTls ? TransportRule.RequireTls : TransportRule.Configured,
    };

    private OutboundTls Relayed(OutboundTls tls) => need == TransportNeed.RequireTls && tls != OutboundTls.Implicit ? OutboundTls.Verified : tls;

    private RemoteServer At(RemoteServer server, IPAddress address) =>
        server with { EndPoint = new IPEndPoint(address, hop is NextHop.Relay relay ? relay.Port : options.Port) };

    private async ValueTask<(IPAddress[] Addresses, bool IsSecure)> AddressesAsync(DomainName host, AddressFamily family, CancellationToken cancellation)
    {
        var answer = await dns.AddressesAsync(host, family, cancellation).ConfigureAwait(false);
        dnsFailed |= answer.Status == DnsStatus.TemporaryFailure;
        var usable = answer.Records.Where(OwnAddresses.IsUsable).Take(MaxServers).ToArray();
        random.Shuffle(usable);
        return (usable, answer.Authenticated || answer.Records.Count == 0);
    }

    private void Offer(string host, IPAddress address) => Offer(At(ToRelay((NextHop.Relay)hop, host, new IPEndPoint(address, 0)), address));

    // The one place every address passes: in the demonstration nothing beyond this computer gets through.
    private void Offer(RemoteServer server)
    {
        if (options.LoopbackOnly && !IPAddress.IsLoopback(server.EndPoint.Address)) return;
        found.Enqueue(server);
    }
}
