using System.Net;
using Microsoft.Extensions.Logging;

namespace Sternpost.Dns;

/// <summary>How one upstream resolver does.</summary>
/// <param name="Server">Where it is.</param>
/// <param name="IsTrusted">Its word on DNSSEC is believed.</param>
/// <param name="IsPublic">It is one of the well-known public resolvers (<see cref="PublicResolvers"/>).</param>
/// <param name="Failures">Failures since its last answer.</param>
public sealed record UpstreamStatus(IPEndPoint Server, bool IsTrusted, bool IsPublic, int Failures);

/// <summary>
/// The upstream resolvers in the order in which they should be asked: as configured, but one that does not answer rests for a
/// while, longer each time, so that a dead first server does not make every question wait for it.
/// </summary>
internal sealed class Upstreams
{
    private static readonly TimeSpan FirstRest = TimeSpan.FromSeconds(5), LongestRest = TimeSpan.FromMinutes(2);

    private readonly Upstream[] all;
    private readonly TimeProvider time;
    private readonly ILogger logger;

    public Upstreams(IReadOnlyList<IPEndPoint> servers, IReadOnlyList<IPAddress> trusted, TimeProvider time, ILogger logger)
    {
        this.time = time;
        this.logger = logger;
        // RFC 6840 §5.7: the AD bit says only that the upstream validated, and anyone on the path can set it, so it is believed
        // from loopback and from where the administrator answers for the path.
        all = [.. servers.Select(server => new Upstream(server, IPAddress.IsLoopback(server.Address) || trusted.Contains(server.Address)))];
    }

    public int Count => all.Length;

    public bool AnyTrusted => all.Any(upstream => upstream.IsTrusted);

    public IReadOnlyList<UpstreamStatus> Status =>
        [.. all.Select(upstream => new UpstreamStatus(upstream.Server, upstream.IsTrusted, PublicResolvers.Contains(upstream.Server.Address), upstream.Failures))];

    /// <summary>All upstreams: those in health first, then those that rest, whose rest ends soonest first.</summary>
    public Upstream[] InOrder()
    {
        var now = time.GetTimestamp();
        if (all.Length == 1 || Array.TrueForAll(all, upstream => upstream.RestsUntil <= now)) return all;
        return [.. all.OrderBy(upstream => upstream.RestsUntil <= now ? 0 : upstream.RestsUntil)];
    }

    public void Answered(Upstream upstream)
    {
        if (upstream.Failures == 0) return;
        upstream.Failures = 0;
        upstream.RestsUntil = 0;
        logger.UpstreamAnswersAgain(upstream.Server.ToString());
    }

    public void Failed(Upstream upstream, string reason)
    {
        var failures = ++upstream.Failures;
        var rest = FirstRest * Math.Pow(2, Math.Min(failures - 1, 6));
        upstream.RestsUntil = time.GetTimestamp() + (long)(Math.Min(rest.TotalSeconds, LongestRest.TotalSeconds) * time.TimestampFrequency);
        if (failures == 1) logger.UpstreamSilent(upstream.Server.ToString(), reason);
    }
}

/// <summary>One upstream; its counters are written without a lock, because a lost update only changes who is asked first.</summary>
internal sealed class Upstream(IPEndPoint server, bool isTrusted)
{
    public IPEndPoint Server { get; } = server;

    public bool IsTrusted { get; } = isTrusted;

    public int Failures { get; set; }

    public long RestsUntil { get; set; }
}
