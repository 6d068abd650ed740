using System.Collections.Concurrent;

namespace Sternpost.Jmap.Http;

/// <summary>How much an account does at once: more than its share is refused, not queued (RFC 8620 §2 maxConcurrentRequests, maxConcurrentUpload).</summary>
internal sealed class Turns(int most)
{
    private readonly ConcurrentDictionary<long, int> taken = new();

    /// <summary>A turn to be given back, or null.</summary>
    internal IDisposable? Take(long accountId)
    {
        if (taken.AddOrUpdate(accountId, 1, (_, count) => count + 1) <= most) return new Turn(this, accountId);
        Give(accountId);
        return null;
    }

    private void Give(long accountId)
    {
        if (taken.AddOrUpdate(accountId, 0, (_, count) => count - 1) <= 0) taken.TryRemove(new KeyValuePair<long, int>(accountId, 0));
    }

    private sealed class Turn(Turns turns, long accountId) : IDisposable
    {
        private int given;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref given, 1) == 0) turns.Give(accountId);
        }
    }
}
