using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.NetworkInformation;
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
    private static readonly Counter<long> Stale = Meter.CreateCounter<long>("dns.cache.stale", "{answer}", "Answers given after their time because no upstream answered.");
    private static readonly Counter<long> Hits = Meter.CreateCounter<long>("dns.cache.hits", "{answer}", "Questions answered from memory.");

    private readonly DnsResolverOptions options;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly LookupClient client;
    private readonly Upstreams upstreams;
    private readonly AnswerCache cache;
    private readonly ConcurrentDictionary<CacheKey, Lazy<Task<object>>> underWay = new();

    /// <summary>Makes a resolver; reads the operating system's upstreams where <paramref name="options"/> names none.</summary>
    public DnsResolver(DnsResolverOptions options, TimeProvider time, ILogger<DnsResolver> logger)
    {
        this.options = options;
        this.time = time;
        this.logger = logger;
        cache = new AnswerCache(options.CacheEntries, options.ServeStale, time);
        upstreams = new Upstreams(options.Servers.Count > 0 ? options.Servers : SystemServers(), options.TrustedServers, time, logger);
        client = new LookupClient(new LookupClientOptions([.. upstreams.InOrder().Select(upstream => upstream.AsList[0])])
        {
            Timeout = options.Timeout,
            // Tries are ours, because we know which upstream is in health.
            Retries = 0,
            UseCache = false,
            UseTcpFallback = true,
            UseRandomNameServer = false,
            AutoResolveNameServers = false,
            ContinueOnDnsError = false,
            ContinueOnEmptyResponse = false,
            ThrowDnsErrors = false,
            // DNS flag day 2020: 1232 octets pass every path without fragments.
            ExtendedDnsBufferSize = 1232,
            RequestDnsSecRecords = upstreams.AnyTrusted,
        });
    }

    /// <summary>How the upstreams do, for <c>doctor</c> and the console.</summary>
    public IReadOnlyList<UpstreamStatus> Status => upstreams.Status;

    /// <summary>Whether answers are validated by DNSSEC and we can know it: asks for a name that is signed. Without it DANE is off.</summary>
    public async ValueTask<bool> ValidatesAsync(CancellationToken cancellation) =>
        upstreams.AnyTrusted && (await SoaAsync(DomainName.Parse("org"), cancellation).ConfigureAwait(false)) is { Status: DnsStatus.Success, Authenticated: true };

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

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<TlsaRecord>> TlsaAsync(DomainName name, CancellationToken cancellation) =>
        AskAsync(name, QueryType.TLSA, AnswerReading.Associations, cancellation);

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<SrvRecord>> SrvAsync(DomainName name, CancellationToken cancellation) =>
        AskAsync(name, QueryType.SRV, AnswerReading.Services, cancellation);

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<CaaRecord>> CaaAsync(DomainName name, CancellationToken cancellation) =>
        AskAsync(name, QueryType.CAA, AnswerReading.Issuers, cancellation);

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<DomainName>> NsAsync(DomainName name, CancellationToken cancellation) =>
        AskAsync(name, QueryType.NS, AnswerReading.Servers, cancellation);

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<SoaRecord>> SoaAsync(DomainName name, CancellationToken cancellation) =>
        AskAsync(name, QueryType.SOA, AnswerReading.Zone, cancellation);

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<DomainName>> CnameAsync(DomainName name, CancellationToken cancellation) =>
        AskAsync(name, QueryType.CNAME, AnswerReading.Alias, cancellation);

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
            var (answer, keep) = await AskInTurnAsync(key, type, read).ConfigureAwait(false);
            if (answer.Status != DnsStatus.TemporaryFailure)
            {
                cache.Put(key, answer, keep);
                return answer;
            }
            // RFC 8767 §5: an old answer is better than none, except where its age decides about security.
            if (type != QueryType.TLSA && options.ServeStale > TimeSpan.Zero && cache.TryGetStale(key, out var old) && ((DnsAnswer<T>)old).Status != DnsStatus.TemporaryFailure)
            {
                Stale.Add(1);
                cache.Put(key, old, options.FailureTtl, isSubstitute: true);
                return old;
            }
            cache.Put(key, answer, options.FailureTtl);
            return answer;
        }
        finally
        {
            underWay.TryRemove(key, out _);
            Duration.Record(time.GetElapsedTime(started).TotalSeconds);
        }
    }

    // Each upstream in turn, the best first, until one gives an answer that is not a failure.
    private async Task<(DnsAnswer<T> Answer, TimeSpan Keep)> AskInTurnAsync<T>(CacheKey key, QueryType type, Func<IDnsQueryResponse, string, bool, DnsAnswer<T>> read)
    {
        // FromResponseQueryString takes any octets: SPF macros make names the library's own parser would refuse.
        var question = new DnsQuestion(DnsString.FromResponseQueryString(key.Name + "."), type);
        var order = upstreams.InOrder();
        var tries = Math.Min(Math.Max(options.Tries, order.Length), options.MaximumTries);
        for (var i = 0; i < tries; i++)
        {
            var upstream = order[i % order.Length];
            try
            {
                var reply = await client.QueryServerAsync(upstream.AsList, question, CancellationToken.None).ConfigureAwait(false);
                upstreams.Answered(upstream);
                var answer = Interpret(reply, key, upstream.IsTrusted, read);
                if (answer.Status != DnsStatus.TemporaryFailure) return (answer, Keep(reply, answer.Status));
                // SERVFAIL is an answer: only another server may know better.
                if (order.Length == 1) break;
            }
#pragma warning disable CA1031 // What a stranger's server sends comes out of the library as exceptions of many kinds, some of them not even public.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                // Timeouts, refused connections, and replies that cannot be parsed or belong to another question.
                logger.QuestionFailed(type.ToString(), key.Name, failure.Message);
                upstreams.Failed(upstream, failure.Message);
            }
        }
        return (DnsAnswer<T>.Of(DnsStatus.TemporaryFailure), options.FailureTtl);
    }

    private DnsAnswer<T> Interpret<T>(IDnsQueryResponse reply, CacheKey key, bool isTrusted, Func<IDnsQueryResponse, string, bool, DnsAnswer<T>> read)
    {
        var authenticated = isTrusted && reply.Header.IsAuthenticData;
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

    private IReadOnlyList<IPEndPoint> SystemServers()
    {
        try
        {
            var found = NameServer.ResolveNameServers(skipIPv6SiteLocal: true, fallbackToGooglePublicDns: false);
            if (found.Count > 0) return [.. found.Select(server => new IPEndPoint(IPAddress.Parse(server.Address), server.Port))];
            logger.NoSystemServers("none is configured");
        }
        catch (Exception failure) when (failure is InvalidOperationException or IOException or UnauthorizedAccessException or FormatException or NetworkInformationException)
        {
            logger.NoSystemServers(failure.Message);
        }
        // A resolver on this machine is the only one it is decent to assume.
        return [new IPEndPoint(IPAddress.Loopback, 53)];
    }
}
