using System.Collections.Concurrent;
using System.Net;

namespace Sternpost.Smtp.Server;

/// <summary>Addresses that lately sent mail which was wanted; they are greeted without delay.</summary>
internal sealed class KnownClients(TimeProvider time)
{
    private const int Most = 20_000;
    private static readonly TimeSpan Remembered = TimeSpan.FromDays(7);

    private readonly ConcurrentDictionary<IPAddress, long> seen = new();

    internal bool Contains(IPAddress address) =>
        seen.TryGetValue(address, out var since) && time.GetElapsedTime(since) < Remembered;

    internal void Add(IPAddress address)
    {
        // Forgetting costs a known client one short delay, so throwing all away is fair and takes no book-keeping.
        if (seen.Count >= Most) seen.Clear();
        seen[address] = time.GetTimestamp();
    }
}
