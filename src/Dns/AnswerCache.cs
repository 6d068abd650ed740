using System.Collections.Concurrent;

namespace Sternpost.Dns;

/// <summary>What a question is known by: its name and its type.</summary>
internal readonly record struct CacheKey(string Name, int Type);

/// <summary>
/// Answers by question until they expire, and a while longer for bad times. Bounded: when full, the expired go first and then
/// whatever the dictionary lists first, which is near enough to random and costs no bookkeeping on the reading path.
/// </summary>
internal sealed class AnswerCache(int capacity, TimeSpan stale, TimeProvider time)
{
    private readonly ConcurrentDictionary<CacheKey, Entry> entries = new();
    private int sweeping;

    public int Count => entries.Count;

    public bool TryGet(CacheKey key, out object answer)
    {
        if (entries.TryGetValue(key, out var entry) && entry.Expires > time.GetTimestamp())
        {
            answer = entry.Answer;
            return true;
        }
        answer = null!;
        return false;
    }

    /// <summary>An answer whose time is over, but not for so long that it may not stand in for none (RFC 8767 §5).</summary>
    public bool TryGetStale(CacheKey key, out object answer)
    {
        if (entries.TryGetValue(key, out var entry) && entry.UsableUntil > time.GetTimestamp())
        {
            answer = entry.Answer;
            return true;
        }
        answer = null!;
        return false;
    }

    /// <summary>Keeps an answer. One that stands in for a better one (<paramref name="isSubstitute"/>) leaves open how long the better one may be used.</summary>
    public void Put(CacheKey key, object answer, TimeSpan keep, bool isSubstitute = false)
    {
        if (entries.Count >= capacity) Sweep();
        var expires = time.GetTimestamp() + Ticks(keep);
        var usableUntil = isSubstitute ? entries.TryGetValue(key, out var known) ? known.UsableUntil : expires : expires + Ticks(stale);
        entries[key] = new Entry(answer, expires, usableUntil);
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);

    private void Sweep()
    {
        if (Interlocked.Exchange(ref sweeping, 1) == 1) return;
        try
        {
            var now = time.GetTimestamp();
            foreach (var (key, entry) in entries)
            {
                if (entry.Expires <= now && entry.UsableUntil <= now) entries.TryRemove(key, out _);
            }
            var surplus = entries.Count - (capacity - (capacity / 8));
            surplus = Remove(surplus, entry => entry.Expires <= now);
            Remove(surplus, _ => true);
        }
        finally
        {
            Volatile.Write(ref sweeping, 0);
        }
    }

    private int Remove(int surplus, Func<Entry, bool> which)
    {
        foreach (var (key, entry) in entries)
        {
            if (surplus <= 0) break;
            if (which(entry) && entries.TryRemove(key, out _)) surplus--;
        }
        return surplus;
    }

    private sealed record Entry(object Answer, long Expires, long UsableUntil);
}
