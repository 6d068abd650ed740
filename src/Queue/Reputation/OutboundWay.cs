using System.Data.Common;
using System.Net;
using Microsoft.Extensions.Logging;
using Sternpost.Storage;

namespace Sternpost.Queue.Reputation;

/// <summary>Whether the way out to other servers is open, as the queue has seen it.</summary>
/// <param name="Closed">Nobody could be reached lately, although several were tried.</param>
/// <param name="Since">Since when.</param>
public sealed record OutboundState(bool Closed, DateTimeOffset Since)
{
    /// <summary>What follows, for people; empty where the way is open.</summary>
    public string Explanation => !Closed ? ""
        : $"Since {Since.UtcDateTime:u} no other mail server could be reached. Most likely the provider of this machine blocks port 25 outwards. "
        + "Ask the provider to open it, or send through a relay: set queue.smarthost (port 587) in the configuration. The mail waits meanwhile.";
}

/// <summary>
/// Notices that the network lets nobody out: many servers of different destinations do not even answer, and none does. One that is down
/// looks the same from here, which is why it takes several.
/// </summary>
internal sealed class OutboundWay(Database database, TimeProvider time, ILogger log)
{
    internal const string Fact = "port25";
    private const int Servers = 6, Destinations = 3;
    private const int Remembered = 100;

    private readonly Lock gate = new();
    private readonly HashSet<IPAddress> silent = [];
    private readonly HashSet<string> destinations = [];
    private bool? closed;

    /// <summary>Somebody was reached.</summary>
    internal async ValueTask ReachedAsync(CancellationToken cancellation)
    {
        lock (gate)
        {
            silent.Clear();
            destinations.Clear();
            if (closed == false) return;
            closed = false;
        }
        await WriteAsync("open", cancellation).ConfigureAwait(false);
    }

    /// <summary>A server did not answer.</summary>
    internal async ValueTask SilentAsync(string destination, IPAddress address, CancellationToken cancellation)
    {
        int tried;
        lock (gate)
        {
            if (silent.Count < Remembered) silent.Add(address);
            if (destinations.Count < Remembered) destinations.Add(destination);
            if (closed == true || silent.Count < Servers || destinations.Count < Destinations) return;
            closed = true;
            tried = silent.Count;
        }
        log.WayOutClosed(tried);
        await WriteAsync("closed", cancellation).ConfigureAwait(false);
    }

    internal static OutboundState Of(Sql sql)
    {
        var (value, changed) = QueueFacts.Read(sql, Fact);
        return new OutboundState(value == "closed", changed);
    }

    private async ValueTask WriteAsync(string state, CancellationToken cancellation)
    {
        try
        {
            await database.WriteAsync(
                sql => QueueFacts.Read(sql, Fact).Value == state ? 0 : QueueFacts.Write(sql, Fact, state, time.GetUtcNow()), cancellation).ConfigureAwait(false);
        }
        catch (DbException broken)
        {
            // Only for people to read; the mail goes on.
            log.StoreFailed(broken);
        }
    }
}
