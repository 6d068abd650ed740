using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.Logging;
using Sternpost.Queue.Reputation;
using Sternpost.Queue.Routing;
using Sternpost.Queue.TransportSecurity;
using Sternpost.Smtp.Client;

namespace Sternpost.Queue.Delivery;

/// <summary>Why nothing could be handed to a next hop; the result of all its recipients.</summary>
/// <param name="Host">Whose name the reason goes on after: the last server, or the next hop itself.</param>
/// <param name="Failure">What happened.</param>
/// <param name="Protection">What decided how the connection was to be protected, and the certificate that was turned down.</param>
internal sealed record NoSession(string Host, ClientFailure Failure, AttemptProtection Protection);

/// <summary>Finds a server of a next hop that takes mail, trying them in the order RFC 5321 §5.1 wants.</summary>
internal sealed class SessionSearch(MailServers servers, RouteTable routes, ClientOptions client, SourceAddresses sources, OutboundWay way, TlsResults results, TimeProvider time, ILogger log)
{
    /// <summary>A session, or why there is none.</summary>
    internal async Task<(SmtpClientConnection? Connection, NoSession? None)> OpenAsync(NextHop hop, TransportNeed need, SourcePool pool, CancellationToken cancellation)
    {
        if (pool == SourcePool.Risky && routes.Risky is { } apart) hop = apart;
        var (connection, none) = await OpenAtAsync(hop, need, pool, cancellation).ConfigureAwait(false);
        // What waits may go another way; what is turned away for good may not be carried in by the back door.
        for (var next = hop.Fallback; connection is null && next is not null && !none!.Failure.IsPermanent; next = next.Fallback)
            (connection, _) = await OpenAtAsync(next, need, pool, cancellation).ConfigureAwait(false);
        return (connection, connection is null ? none : null);
    }

    private async Task<(SmtpClientConnection? Connection, NoSession? None)> OpenAtAsync(NextHop hop, TransportNeed need, SourcePool pool, CancellationToken cancellation)
    {
        var from = client with { SourceAddresses = sources.For(pool) };
        var search = servers.Search(hop, need);
        NoSession? none = null;
        while (await search.NextAsync(cancellation).ConfigureAwait(false) is { } server)
        {
            var opening = await SmtpClientConnection.OpenAsync(server, from, time, cancellation).ConfigureAwait(false);
            if (hop is NextHop.Exchanges exchanges && need != TransportNeed.TlsNotRequired) results.Count(exchanges.Domain, server, search.Sts, opening);
            await NoticeAsync(hop, server, opening, cancellation).ConfigureAwait(false);
            switch (opening)
            {
                // RFC 8689 §4.2.1: whoever does not promise the same for the way further on does not get the message.
                case ClientOpening.Opened opened when need == TransportNeed.RequireTls && !opened.Connection.MeetsRequireTls:
                    var lacks = new NoSession(server.Name, new ClientFailure("5.7.30", "does not offer REQUIRETLS, which the sender demands", IsPermanent: true), AttemptProtection.Of(opened.Connection));
                    await opened.Connection.DisposeAsync().ConfigureAwait(false);
                    none = Better(none, lacks);
                    break;
                case ClientOpening.Opened opened:
                    servers.Reached(server.EndPoint.Address);
                    QueueMetrics.Sessions.Add(1, new TagList
                    {
                        { "sternpost.rule", server.Rule.ToString() },
                        { "sternpost.protection", opened.Connection.Protection switch { null => "clear", { IsVerified: true } => "verified", _ => "tls" } },
                    });
                    CountTurnedDown();
                    return (opened.Connection, null);
                case ClientOpening.Failed { Failure: var failure }:
                    servers.Failed(server.EndPoint.Address);
                    log.DestinationFailed(hop.Name, $"{server.Name} ({server.EndPoint.Address}) {failure.Reason}");
                    // RFC 3463 X.7.10: encryption needed, and it will not be had by waiting.
                    if (need == TransportNeed.RequireTls && failure.Tls == TlsResultType.StartTlsNotSupported) failure = failure with { Status = "5.7.10", IsPermanent = true };
                    none = Better(none, new NoSession(server.Name, failure, AttemptProtection.Of(server, failure)));
                    break;
            }
        }
        CountTurnedDown();
        if (none is not null) return (null, none);
        var missing = search.Failure ?? new RouteFailure("4.4.4", "has no server that could be tried", IsPermanent: false);
        log.DestinationFailed(hop.Name, missing.Reason);
        return (null, new NoSession(hop.Name, new ClientFailure(missing.Status, missing.Reason, null, missing.IsPermanent), AttemptProtection.None(missing.Rule)));

        void CountTurnedDown()
        {
            if (hop is not NextHop.Exchanges exchanges) return;
            foreach (var (host, type, reason) in search.TurnedDown) results.CountTurnedDown(exchanges.Domain, host, search.Sts, type, reason);
        }
    }

    // A relay that the administrator named says nothing about the way to all others, and this computer is no way out.
    private ValueTask NoticeAsync(NextHop hop, RemoteServer server, ClientOpening opening, CancellationToken cancellation) =>
        hop is not NextHop.Exchanges || IPAddress.IsLoopback(server.EndPoint.Address) ? ValueTask.CompletedTask
        : opening is ClientOpening.Failed { Failure: { Reply: null, Status: "4.4.1" } } ? way.SilentAsync(hop.Name, server.EndPoint.Address, cancellation)
        : way.ReachedAsync(cancellation);

    // Only where every server turns mail away for good is that the answer of the domain.
    private static NoSession Better(NoSession? known, NoSession next) => known is null || known.Failure.IsPermanent || !next.Failure.IsPermanent ? next : known;
}
