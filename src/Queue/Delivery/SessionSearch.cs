using Microsoft.Extensions.Logging;
using Sternpost.Queue.Routing;
using Sternpost.Smtp.Client;

namespace Sternpost.Queue.Delivery;

/// <summary>Why nothing could be handed to a next hop; the result of all its recipients.</summary>
/// <param name="Host">Whose name the reason goes on after: the last server, or the next hop itself.</param>
/// <param name="Failure">What happened.</param>
internal sealed record NoSession(string Host, ClientFailure Failure);

/// <summary>Finds a server of a next hop that takes mail, trying them in the order RFC 5321 §5.1 wants.</summary>
internal sealed class SessionSearch(MailServers servers, ClientOptions client, TimeProvider time, ILogger log)
{
    /// <summary>A session, or why there is none.</summary>
    internal async Task<(SmtpClientConnection? Connection, NoSession? None)> OpenAsync(NextHop hop, CancellationToken cancellation)
    {
        var search = servers.Search(hop);
        NoSession? none = null;
        while (await search.NextAsync(cancellation).ConfigureAwait(false) is { } server)
        {
            switch (await SmtpClientConnection.OpenAsync(server, client, time, cancellation).ConfigureAwait(false))
            {
                case ClientOpening.Opened opened:
                    servers.Reached(server.EndPoint.Address);
                    return (opened.Connection, null);
                case ClientOpening.Failed { Failure: var failure }:
                    servers.Failed(server.EndPoint.Address);
                    log.DestinationFailed(hop.Name, $"{server.Name} ({server.EndPoint.Address}) {failure.Reason}");
                    // Only where every server turns mail away for good is that the answer of the domain.
                    if (none is null || none.Failure.IsPermanent || !failure.IsPermanent) none = new NoSession(server.Name, failure);
                    break;
            }
        }
        if (none is not null) return (null, none);
        var missing = search.Failure ?? new RouteFailure("4.4.4", "has no server that could be tried", IsPermanent: false);
        log.DestinationFailed(hop.Name, missing.Reason);
        return (null, new NoSession(hop.Name, new ClientFailure(missing.Status, missing.Reason, null, missing.IsPermanent)));
    }
}
