using System.Diagnostics.Metrics;

namespace Sternpost.Queue;

/// <summary>The queue's measurements, under the meter "Sternpost".</summary>
internal static class QueueMetrics
{
    private static readonly Meter Meter = new("Sternpost");

    /// <summary>Messages taken over, by direction.</summary>
    internal static readonly Counter<long> Accepted = Meter.CreateCounter<long>("sternpost.queue.accepted", "{message}", "Messages this server took over, by direction.");

    /// <summary>Messages held in quarantine.</summary>
    internal static readonly Counter<long> Quarantined = Meter.CreateCounter<long>("sternpost.queue.quarantined", "{message}", "Messages held in quarantine.");

    /// <summary>Recipients put into the outbound queue.</summary>
    internal static readonly Counter<long> Queued = Meter.CreateCounter<long>("sternpost.queue.queued", "{recipient}", "Recipients put into the outbound queue.");

    /// <summary>Messages held, by reason.</summary>
    internal static readonly Counter<long> Held = Meter.CreateCounter<long>("sternpost.queue.held", "{message}", "Messages of users that were accepted and kept back, by reason.");

    /// <summary>Delivery attempts, by outcome.</summary>
    internal static readonly Counter<long> Attempts = Meter.CreateCounter<long>("sternpost.queue.attempts", "{recipient}", "Recipients attempted, by outcome.");

    /// <summary>From acceptance to the remote 250.</summary>
    internal static readonly Histogram<double> Latency = Meter.CreateHistogram<double>("sternpost.queue.delivery.duration", "s", "From acceptance to the other server's taking over.");

    /// <summary>Sessions opened, by the rule that decided on their protection and by what came of it.</summary>
    internal static readonly Counter<long> Sessions = Meter.CreateCounter<long>("sternpost.queue.sessions", "{session}", "Sessions with other servers, by rule (opportunistic, mtaSts, dane...) and protection (verified, tls, clear).");

    /// <summary>Open connections.</summary>
    internal static readonly UpDownCounter<long> Connections = Meter.CreateUpDownCounter<long>("sternpost.queue.connections", "{connection}", "Connections to other servers now open.");
}
