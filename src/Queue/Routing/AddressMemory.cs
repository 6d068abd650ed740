using System.Collections.Concurrent;
using System.Net;

namespace Sternpost.Queue.Routing;

/// <summary>Remembers for a while which addresses could not be reached, so that they are tried last and a dead one does not cost every delivery its patience.</summary>
internal sealed class AddressMemory(TimeProvider time)
{
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(10);
    private const int Capacity = 10_000;

    private readonly ConcurrentDictionary<IPAddress, DateTimeOffset> failing = new();

    internal void Failed(IPAddress address)
    {
        if (failing.Count >= Capacity) Forget();
        failing[address] = time.GetUtcNow() + Kept;
    }

    internal void Reached(IPAddress address) => failing.TryRemove(address, out _);

    internal bool IsFailing(IPAddress address) => failing.TryGetValue(address, out var until) && until > time.GetUtcNow();

    private void Forget()
    {
        var now = time.GetUtcNow();
        foreach (var (address, until) in failing)
        {
            if (until <= now) failing.TryRemove(address, out _);
        }
        // Ten thousand dead addresses in ten minutes: this network is down, and the list worth nothing.
        if (failing.Count >= Capacity) failing.Clear();
    }
}
