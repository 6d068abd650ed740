using System.Collections.Concurrent;
using Sternpost.Smtp.Client;

namespace Sternpost.Queue.Delivery;

/// <summary>
/// Connections that have nothing to carry at the moment, kept for a few seconds: mail often comes in pairs, and the greatest part of the
/// cost of a message is the connection and its TLS.
/// </summary>
internal sealed class IdleConnections(TimeSpan keptFor, TimeProvider time) : IAsyncDisposable
{
    private const int PerDestination = 2;
    private const int InAll = 50;

    private readonly Lock gate = new();
    private readonly Dictionary<string, List<Idle>> waiting = [];
    private readonly ConcurrentDictionary<Task, bool> closing = new();
    private int count;
    private bool ended;

    /// <summary>Connections kept now.</summary>
    internal int Count
    {
        get { lock (gate) return count; }
    }

    /// <summary>Keeps a connection; closes it where there are enough.</summary>
    internal async ValueTask PutAsync(string hop, SmtpClientConnection connection)
    {
        if (!TryPut(hop, connection)) await connection.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>A connection that still answers; null where there is none.</summary>
    internal async ValueTask<SmtpClientConnection?> TakeAsync(string hop)
    {
        while (TryTake(hop) is { } connection)
        {
            // A server may close what is idle at any time, and that is no failure of the message to come.
            if (await connection.IsAliveAsync().ConfigureAwait(false)) return connection;
            await connection.DisposeAsync().ConfigureAwait(false);
        }
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        List<Idle> left;
        lock (gate)
        {
            ended = true;
            left = [.. waiting.Values.SelectMany(idle => idle)];
            waiting.Clear();
        }
        foreach (var idle in left) await idle.Timer.DisposeAsync().ConfigureAwait(false);
        // At the same time, because each may let its goodbye go unanswered for its whole patience.
        await Task.WhenAll(left.Select(idle => idle.Connection.DisposeAsync().AsTask())).ConfigureAwait(false);
        await Task.WhenAll(closing.Keys).ConfigureAwait(false);
    }

    private bool TryPut(string hop, SmtpClientConnection connection)
    {
        lock (gate)
        {
            if (ended || keptFor <= TimeSpan.Zero || count >= InAll) return false;
            if (!waiting.TryGetValue(hop, out var idle)) waiting[hop] = idle = [];
            if (idle.Count >= PerDestination) return false;
            var kept = new Idle(connection);
            kept.Timer = time.CreateTimer(_ => Expire(hop, kept), null, keptFor, Timeout.InfiniteTimeSpan);
            idle.Add(kept);
            count++;
            return true;
        }
    }

    private SmtpClientConnection? TryTake(string hop)
    {
        lock (gate)
        {
            if (!waiting.TryGetValue(hop, out var idle)) return null;
            // The one used last is the likeliest to be there still.
            var taken = idle[^1];
            Remove(hop, taken);
            return taken.Connection;
        }
    }

    private void Expire(string hop, Idle idle)
    {
        lock (gate)
        {
            if (!waiting.TryGetValue(hop, out var there) || !there.Contains(idle)) return;
            Remove(hop, idle);
        }
        var closed = Task.Run(() => idle.Connection.DisposeAsync().AsTask());
        closing[closed] = true;
        _ = closed.ContinueWith(done => closing.TryRemove(done, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private void Remove(string hop, Idle idle)
    {
        var there = waiting[hop];
        there.Remove(idle);
        if (there.Count == 0) waiting.Remove(hop);
        count--;
        idle.Timer.Dispose();
    }

    private sealed class Idle(SmtpClientConnection connection)
    {
        internal SmtpClientConnection Connection { get; } = connection;

        internal ITimer Timer { get; set; } = null!;
    }
}
