using System.Net;
using Sternpost.Network;

namespace Sternpost.Smtp.Server;

/// <summary>
/// Peers whose sessions had to be ended: limits of one connection are no hindrance to those who open another. Counted for peers and,
/// at four times the number, for their networks, in the hour since the first.
/// </summary>
internal sealed class Offenders(int limit, TimeProvider time)
{
    private const int Most = 50_000;
    private const int NetworkFactor = 4;
    private static readonly TimeSpan Window = TimeSpan.FromHours(1);

    private readonly Lock gate = new();
    private readonly Dictionary<UInt128, (long Since, int Count)> ended = [];

    /// <summary>True where the peer may come back only later.</summary>
    internal bool IsBarred(IPAddress address)
    {
        if (limit <= 0) return false;
        lock (gate)
        {
            return CountOf(ClientPrefix.Host(address)) >= limit || CountOf(ClientPrefix.Network(address)) >= NetworkFactor * limit;
        }
    }

    /// <summary>Notes that a session was ended for what the peer did.</summary>
    internal void Add(IPAddress address)
    {
        lock (gate)
        {
            // Under an attack from so many addresses the oldest count least, and sorting them out would cost more than it saves.
            if (ended.Count >= Most) ended.Clear();
            Raise(ClientPrefix.Host(address));
            Raise(ClientPrefix.Network(address));
        }
    }

    private int CountOf(UInt128 key) => ended.TryGetValue(key, out var entry) && time.GetElapsedTime(entry.Since) < Window ? entry.Count : 0;

    private void Raise(UInt128 key)
    {
        var count = CountOf(key);
        ended[key] = count == 0 ? (time.GetTimestamp(), 1) : (ended[key].Since, count + 1);
    }
}
