using System.Net;

namespace Sternpost.Dns;

/// <summary>How the resolver asks and how long it remembers. All limits of the room stand here.</summary>
public sealed record DnsResolverOptions
{
    /// <summary>The upstream resolvers; empty takes those of the operating system.</summary>
    public IReadOnlyList<IPEndPoint> Servers { get; init; } = [];

    /// <summary>Upstreams beside those on loopback whose word on DNSSEC is believed, because nobody can sit on the path to them.</summary>
    public IReadOnlyList<IPAddress> TrustedServers { get; init; } = [];

    /// <summary>How long one try may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How many tries one question has at least; each upstream gets one, as long as there are not more than <see cref="MaximumTries"/>.</summary>
    public int Tries { get; init; } = 2;

    /// <summary>How many tries one question has at most, over all upstreams.</summary>
    public int MaximumTries { get; init; } = 4;

    /// <summary>How long after its end an answer may still be given where no upstream answers (RFC 8767); zero to give none. Mail would rather go by yesterday's record than not at all.</summary>
    public TimeSpan ServeStale { get; init; } = TimeSpan.FromHours(12);

    /// <summary>How long answers are kept at least, whatever their TTL: a TTL of 0 must not make us a flood.</summary>
    public TimeSpan MinimumTtl { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long answers are kept at most (RFC 8767 §4 counsels days, mail wants changes seen sooner).</summary>
    public TimeSpan MaximumTtl { get; init; } = TimeSpan.FromDays(1);

    /// <summary>How long "no such name" and "no such record" are kept at most (RFC 2308 §5 allows hours; DKIM keys appear in minutes).</summary>
    public TimeSpan MaximumNegativeTtl { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How long a failure is remembered, so that a dead zone is not asked for each message (RFC 2308 §7.1: at most five minutes).</summary>
    public TimeSpan FailureTtl { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How many answers are kept.</summary>
    public int CacheEntries { get; init; } = 20_000;
}
