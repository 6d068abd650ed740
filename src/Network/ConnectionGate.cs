using System.Net;

namespace Sternpost.Network;

/// <summary>Counts open and new connections per address and network, and says when there are too many.</summary>
internal sealed class ConnectionGate(ConnectionLimits limits, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly Dictionary<UInt128, int> open = [];
    private readonly Dictionary<UInt128, (long Minute, int Count)> fresh = [];
    private int total;

    /// <summary>A place for a connection from this address, to be disposed when it ends; null where there are too many. Where it is not counted, only the total is a limit.</summary>
    internal IDisposable? Enter(IPAddress address, bool isCounted = true)
    {
        var exempt = !isCounted || limits.Exempt.Any(network => network.Contains(address));
        var (host, network) = (ClientPrefix.Host(address), ClientPrefix.Network(address));
        lock (gate)
        {
            if (total >= limits.Total) return null;
            if (!exempt)
            {
                var minute = time.GetUtcNow().ToUnixTimeSeconds() / 60;
                if (fresh.Count > 100_000) fresh.Clear();
                var count = fresh.TryGetValue(host, out var seen) && seen.Minute == minute ? seen.Count + 1 : 1;
                fresh[host] = (minute, count);
                if (count > limits.PerAddressPerMinute
                    || open.GetValueOrDefault(host) >= limits.PerAddress
                    || open.GetValueOrDefault(network) >= limits.PerNetwork)
                {
                    return null;
                }
            }
            total++;
            open[host] = open.GetValueOrDefault(host) + 1;
            open[network] = open.GetValueOrDefault(network) + 1;
        }
        return new Place(this, host, network);
    }

    private void Leave(UInt128 host, UInt128 network)
    {
        lock (gate)
        {
            total--;
            Lower(host);
            Lower(network);
        }

        void Lower(UInt128 key)
        {
            if (open[key] == 1) open.Remove(key);
            else open[key]--;
        }
    }

    private sealed class Place(ConnectionGate owner, UInt128 host, UInt128 network) : IDisposable
    {
        private int left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref left, 1) == 0) owner.Leave(host, network);
        }
    }
}
