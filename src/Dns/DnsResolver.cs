using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using DnsClient;
using Microsoft.Extensions.Logging;

namespace Sternpost.Dns;

/// <summary>
/// The resolver of the running server: asks the configured upstreams over UDP with EDNS, TCP where an answer was cut, remembers
/// answers within bounds, and puts equal questions that are under way at the same time only once. It never throws for what a
/// zone or an upstream does: that is <see cref="DnsStatus.TemporaryFailure"/>. Only the caller's own cancellation comes out as an exception.
/// </summary>
public sealed class DnsResolver : IDnsResolver
{
    private static readonly Meter Meter = new("Sternpost");
    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>("dns.lookup.duration", "s", "Time of questions that went to an upstream.");
    private static readonly Counter<long> Hits = Meter.CreateCounter<long>("dns.cache.hits", "{answer}", "Questions answered from memory.");

    private readonly DnsResolverOptions options;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly LookupClient client;
    private readonly bool upstreamValidates;
    private readonly AnswerCache cache;
    private readonly ConcurrentDictionary<CacheKey, Lazy<Task<object>>> underWay = new();

    /// <summary>Makes a resolver; reads the operating system's upstreams where <paramref name="options"/> names none.</summary>
    public DnsResolver(DnsResolverOptions options, TimeProvider time, ILogger<DnsResolver> logger)
    {
        this.options = options;
        this.time = time;
        this.logger = logger;
        cache = new AnswerCache(options.CacheEntries, time);
        var servers = options.Servers.Count > 0
            ? options.Servers.Select(end => new NameServer(end)).ToArray()
            : [.. NameServer.ResolveNameServers(skipIPv6SiteLocal: true, fallbackToGooglePublicDns: false)];
        // Without a configured upstream, a resolver on this machine is the only one it is decent to assume.
        if (servers.Length == 0) servers = [new NameServer(IPAddress.Loopback)];
        // RFC 6840 §5.7, RFC 8552: the AD bit says only that the upstream validated, and anyone on the path can set it, so it is
        // believed from loopback alone.
        upstreamValidates = servers.All(server => IPAddress.TryParse(server.Address, out var address) && IPAddress.IsLoopback(address));
        client = new LookupClient(new LookupClientOptions(servers)
        {
            Timeout = options.Timeout,
            Retries = Math.Max(0, options.Tries - 1),
            UseCache = false,
            UseTcpFallback = true,
            UseRandomNameServer = false,
            ContinueOnDnsError = true,
            ContinueOnEmptyResponse = false,
            ThrowDnsErrors = false,
            // DNS flag day 2020: 1232 octets pass every path without fragments.
            ExtendedDnsBufferSize = 1232,
            RequestDnsSecRecords = upstreamValidates,
        });
    }

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<string>> TxtAsync(DomainName name, CancellationToken cancellation) =>
        AskAsync(name, QueryType.TXT, AnswerReading.Texts, cancellation);

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<IPAddress>> AddressesAsync(DomainName name, AddressFamily family, CancellationToken cancellation) =>
        AskAsync(name, family == AddressFamily.InterNetworkV6 ? QueryType.AAAA : QueryType.A,
            (reply, owner, authenticated) => AnswerReading.Addresses(reply, owner, family, authenticated), cancellation);

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<MxRecord>> MxAsync(DomainName name, CancellationToken cancellation) =>
        AskAsync(name, QueryType.MX, AnswerReading.Exchanges, cancellation);

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<DomainName>> PtrAsync(IPAddress address, CancellationToken cancellation) =>
        AskAsync(ReverseName.Of(address), QueryType.PTR, AnswerReading.Pointers, cancellation);

    private ValueTask<DnsAnswer<T>> AskAsync<T>(
        DomainName name, QueryType type, Func<IDnsQueryResponse, string, bool, DnsAnswer<T>> read, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var key = new CacheKey(name.Ascii, (int)type);
        if (cache.TryGet(key, out var known))
        {
            Hits.Add(1);
            return ValueTask.FromResult((DnsAnswer<T>)known);
        }
        return WaitAsync();

        async ValueTask<DnsAnswer<T>> WaitAsync()
        {
            // The question outlives the caller who put it first: others may be waiting for the same answer.
            var shared = underWay.GetOrAdd(key, k => new Lazy<Task<object>>(() => AskUpstreamAsync(k, type, read)));
            return (DnsAnswer<T>)await shared.Value.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    private async Task<object> AskUpstreamAsync<T>(CacheKey key, QueryType type, Func<IDnsQueryResponse, string, bool, DnsAnswer<T>> read)
    {
        var started = time.GetTimestamp();
        try
        {
            // FromResponseQueryString takes any octets: SPF macros make names the library's own parser would refuse.
            var question = new DnsQuestion(DnsString.FromResponseQueryString(key.Name + "."), type);
            var reply = await client.QueryAsync(question, CancellationToken.None).ConfigureAwait(false);
            var answer = Interpret(reply, key, read);
            cache.Put(key, answer, Keep(reply, answer.Status));
            return answer;
        }
        catch (Exception failure) when (failure is DnsResponseException or SocketException or InvalidOperationException or ArgumentException or IndexOutOfRangeException or OperationCanceledException or IOException)
        {
            // The library throws these for timeouts, refused connections and replies it cannot parse.
            logger.QuestionFailed(type.ToString(), key.Name, failure.Message);
            var answer = DnsAnswer<T>.Of(DnsStatus.TemporaryFailure);
            cache.Put(key, answer, options.FailureTtl);
            return answer;
        }
        finally
        {
            underWay.TryRemove(key, out _);
            Duration.Record(time.GetElapsedTime(started).TotalSeconds);
        }
    }

    private DnsAnswer<T> Interpret<T>(IDnsQueryResponse reply, CacheKey key, Func<IDnsQueryResponse, string, bool, DnsAnswer<T>> read)
    {
        var authenticated = upstreamValidates && reply.Header.IsAuthenticData;
        switch (reply.Header.ResponseCode)
        {
            case DnsHeaderResponseCode.NoError:
                return read(reply, key.Name, authenticated);
            case DnsHeaderResponseCode.NotExistentDomain:
                return new DnsAnswer<T>(DnsStatus.NameError, [], authenticated);
            default:
                logger.QuestionFailed(((QueryType)key.Type).ToString(), key.Name, reply.ErrorMessage);
                return DnsAnswer<T>.Of(DnsStatus.TemporaryFailure);
        }
    }

    private TimeSpan Keep(IDnsQueryResponse reply, DnsStatus status)
    {
        if (status == DnsStatus.TemporaryFailure) return options.FailureTtl;
        var positive = status == DnsStatus.Success;
        var ttl = AnswerReading.Ttl(reply, positive).Ticks;
        return TimeSpan.FromTicks(Math.Clamp(ttl, options.MinimumTtl.Ticks, (positive ? options.MaximumTtl : options.MaximumNegativeTtl).Ticks));
    }
}
