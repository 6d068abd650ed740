using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Sternpost.Dns.Protocol;

namespace Sternpost.Dns;

/// <summary>
/// The resolver of the running server: asks the configured upstreams over UDP with EDNS, TCP where an answer was cut, remembers
/// answers within bounds, and puts equal questions that are under way at the same time only once. It never throws for what a
/// zone or an upstream does: that is <see cref="DnsStatus.TemporaryFailure"/>. Only the caller's own cancellation comes out as an exception.
/// </summary>
public sealed class DnsResolver : IDnsResolver
{
    private const int DnsPort = 53;

    private static readonly Meter Meter = new("Sternpost");
    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>("dns.lookup.duration", "s", "Time of questions that went to an upstream.");
    private static readonly Counter<long> Stale = Meter.CreateCounter<long>("dns.cache.stale", "{answer}", "Answers given after their time because no upstream answered.");
    private static readonly Counter<long> Hits = Meter.CreateCounter<long>("dns.cache.hits", "{answer}", "Questions answered from memory.");

    private readonly DnsResolverOptions options;
    private readonly TimeProvider time;
    private readonly ILogger logger;
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
    }

    /// <summary>How the upstreams do, for <c>doctor</c> and the console.</summary>
    public IReadOnlyList<UpstreamStatus> Status => upstreams.Status;

    /// <summary>Whether answers are validated by DNSSEC and we can know it: asks for a name that is signed. Without it DANE is off.</summary>
    public async ValueTask<bool> ValidatesAsync(CancellationToken cancellation) =>
        upstreams.AnyTrusted && (await SoaAsync(DomainName.Parse("org"), cancellation).ConfigureAwait(false)) is { Status: DnsStatus.Success, Authenticated: true };

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<string>> TxtAsync(DomainName name, CancellationToken cancellation) =>
        AskAsync(name, RecordType.Txt, AnswerReading.Texts, cancellation);

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<IPAddress>> AddressesAsync(DomainName name, AddressFamily family, CancellationToken cancellation) =>
        AskAsync(name, family == AddressFamily.InterNetworkV6 ? RecordType.Aaaa : RecordType.A,
            (reply, owner, authenticated) => AnswerReading.Addresses(reply, owner, family, authenticated), cancellation);

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<MxRecord>> MxAsync(DomainName name, CancellationToken cancellation) =>
        AskAsync(name, RecordType.Mx, AnswerReading.Exchanges, cancellation);

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<DomainName>> PtrAsync(IPAddress address, CancellationToken cancellation) =>
        AskAsync(ReverseName.Of(address), RecordType.Ptr, AnswerReading.Pointers, cancellation);

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<TlsaRecord>> TlsaAsync(DomainName name, CancellationToken cancellation) =>
        AskAsync(name, RecordType.Tlsa, AnswerReading.Associations, cancellation);

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<SrvRecord>> SrvAsync(DomainName name, CancellationToken cancellation) =>
        AskAsync(name, RecordType.Srv, AnswerReading.Services, cancellation);

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<CaaRecord>> CaaAsync(DomainName name, CancellationToken cancellation) =>
        AskAsync(name, RecordType.Caa, AnswerReading.Issuers, cancellation);

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<DomainName>> NsAsync(DomainName name, CancellationToken cancellation) =>
        AskAsync(name, RecordType.Ns, AnswerReading.Servers, cancellation);

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<SoaRecord>> SoaAsync(DomainName name, CancellationToken cancellation) =>
        AskAsync(name, RecordType.Soa, AnswerReading.Zone, cancellation);

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<DomainName>> CnameAsync(DomainName name, CancellationToken cancellation) =>
        AskAsync(name, RecordType.Cname, AnswerReading.Alias, cancellation);

    private ValueTask<DnsAnswer<T>> AskAsync<T>(
        DomainName name, RecordType type, Func<DnsMessage, DomainName, bool, DnsAnswer<T>> read, CancellationToken cancellation)
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
            var shared = underWay.GetOrAdd(key, k => new Lazy<Task<object>>(() => AskUpstreamAsync(k, name, type, read)));
            return (DnsAnswer<T>)await shared.Value.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    private async Task<object> AskUpstreamAsync<T>(CacheKey key, DomainName name, RecordType type, Func<DnsMessage, DomainName, bool, DnsAnswer<T>> read)
    {
        var started = time.GetTimestamp();
        try
        {
            var (answer, keep) = await AskInTurnAsync(name, type, read).ConfigureAwait(false);
            if (answer.Status != DnsStatus.TemporaryFailure)
            {
                cache.Put(key, answer, keep);
                return answer;
            }
            // RFC 8767 §5: an old answer is better than none, except where its age decides about security.
            if (type != RecordType.Tlsa && options.ServeStale > TimeSpan.Zero && cache.TryGetStale(key, out var old) && ((DnsAnswer<T>)old).Status != DnsStatus.TemporaryFailure)
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
    private async Task<(DnsAnswer<T> Answer, TimeSpan Keep)> AskInTurnAsync<T>(DomainName name, RecordType type, Func<DnsMessage, DomainName, bool, DnsAnswer<T>> read)
    {
        var question = new UpstreamQuestion(name, type, upstreams.AnyTrusted);
        var order = upstreams.InOrder();
        var tries = Math.Min(Math.Max(options.Tries, order.Length), options.MaximumTries);
        for (var i = 0; i < tries; i++)
        {
            var upstream = order[i % order.Length];
            try
            {
                var reply = await question.AskAsync(upstream.Server, options.Timeout).ConfigureAwait(false);
                upstreams.Answered(upstream);
                var answer = Interpret(reply, name, type, upstream.IsTrusted, read);
                if (answer.Status != DnsStatus.TemporaryFailure) return (answer, Keep(reply, answer.Status));
                // SERVFAIL is an answer: only another server may know better.
                if (order.Length == 1) break;
            }
            catch (UpstreamException failure)
            {
                logger.QuestionFailed(type.ToString(), name.Ascii, failure.Message);
                upstreams.Failed(upstream, failure.Message);
            }
        }
        return (DnsAnswer<T>.Of(DnsStatus.TemporaryFailure), options.FailureTtl);
    }

    private DnsAnswer<T> Interpret<T>(DnsMessage reply, DomainName name, RecordType type, bool isTrusted, Func<DnsMessage, DomainName, bool, DnsAnswer<T>> read)
    {
        var authenticated = isTrusted && reply.Header.IsAuthentic;
        switch (reply.Header.ResponseCode)
        {
            // RFC 1035 §4.1.1: no error, and no such name.
            case 0:
                return read(reply, name, authenticated);
            case 3:
                return new DnsAnswer<T>(DnsStatus.NameError, [], authenticated);
            case var code:
                logger.QuestionFailed(type.ToString(), name.Ascii, string.Create(CultureInfo.InvariantCulture, $"the server answers with code {code}"));
                return DnsAnswer<T>.Of(DnsStatus.TemporaryFailure);
        }
    }

    private TimeSpan Keep(DnsMessage reply, DnsStatus status)
    {
        if (status == DnsStatus.TemporaryFailure) return options.FailureTtl;
        var positive = status == DnsStatus.Success;
        var ttl = AnswerReading.Ttl(reply, positive).Ticks;
        return TimeSpan.FromTicks(Math.Clamp(ttl, options.MinimumTtl.Ticks, (positive ? options.MaximumTtl : options.MaximumNegativeTtl).Ticks));
    }

    private List<IPEndPoint> SystemServers()
    {
        try
        {
            List<IPEndPoint> found = [.. NetworkInterface.GetAllNetworkInterfaces()
                .Where(card => card.OperationalStatus == OperationalStatus.Up || card.NetworkInterfaceType == NetworkInterfaceType.Loopback)
                .SelectMany(card => card.GetIPProperties().DnsAddresses)
                .Where(address => !address.IsIPv6SiteLocal)
                .Distinct()
                .Select(address => new IPEndPoint(address, DnsPort))];
            if (found.Count > 0) return found;
            logger.NoSystemServers("none is configured");
        }
        catch (Exception failure) when (failure is InvalidOperationException or IOException or UnauthorizedAccessException or PlatformNotSupportedException or NetworkInformationException)
        {
            logger.NoSystemServers(failure.Message);
        }
        // A resolver on this machine is the only one it is decent to assume.
        return [new IPEndPoint(IPAddress.Loopback, DnsPort)];
    }
}
