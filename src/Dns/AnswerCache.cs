using System.Collections.Concurrent;

namespace Sternpost.Dns;

/// <summary>What a question is known by: its name and its type.</summary>
internal readonly record struct CacheKey(string Name, int Type);

/// <summary>
/// Answers by question until they expire. Bounded: when full, the expired go first and then whatever the dictionary
/// lists first, which is near enough to random and costs no bookkeeping on the reading path.
/// </summary>
internal sealed class AnswerCache(int capacity, TimeProvider time)
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

    public void Put(CacheKey key, object answer, TimeSpan keep)
    {
        if (entries.Count >= capacity) Sweep();
        entries[key] = new Entry(answer, time.GetTimestamp() + (long)(keep.TotalSeconds * time.TimestampFrequency));
    }

    private void Sweep()
    {
        if (Interlocked.Exchange(ref sweeping, 1) == 1) return;
        try
        {
            var now = time.GetTimestamp();
            foreach (var (key, entry) in entries)
            {
                if (entry.Expires <= now) entries.TryRemove(key, out _);
            }
            var surplus = entries.Count - (capacity - (capacity / 8));
            foreach (var (key, _) in entries)
            {
                if (surplus-- <= 0) break;
                entries.TryRemove(key, out _);
            }
        }
        finally
        {
            Volatile.Write(ref sweeping, 0);
        }
    }

    private sealed record Entry(object Answer, long Expires);
}
