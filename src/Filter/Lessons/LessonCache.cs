using System.Collections.Concurrent;
using Sternpost.Storage;

namespace Sternpost.Filter.Lessons;

/// <summary>
/// Accounts' weights in memory, so that delivery asks no disk. Another process (<c>learn --account</c>) may change them too, so
/// the version in the database is looked at now and then.
/// </summary>
internal sealed class LessonCache(Database database, TimeProvider time)
{
    // 10 KB each and two octets for each bucket in use: 141 MB if every one were, some 11 MB as people teach.
    private const int MaxLoaded = 1000;
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<long, Entry> entries = new();

    /// <summary>The weights and the day they have faded to, or null where the account has taught nothing. They are not changed after they are handed out.</summary>
    internal async ValueTask<(LearnedWeights? Weights, long AsOf)> FindAsync(long accountId, CancellationToken cancellation)
    {
        var now = time.GetTimestamp();
        if (entries.TryGetValue(accountId, out var entry) && time.GetElapsedTime(entry.Looked, now) < Fresh)
        {
            entry.Used = now;
            return (entry.Weights, entry.AsOf);
        }
        var known = entry?.Version ?? -1;
        var row = await database.ReadAsync(
            sql => sql.First(
                $"select version, as_of, case when version = {known} then null else weights end from filter_accounts where account_id = {accountId}",
                row => (Version: row.GetInt64(0), AsOf: row.GetInt64(1), Weights: row.IsDBNull(2) ? null : row.GetFieldValue<byte[]>(2))),
            cancellation).ConfigureAwait(false);
        var weights = row.Weights is { } blob ? new LearnedWeights(blob) : row.Version == known ? entry?.Weights : null;
        Keep(accountId, new Entry(row.Version, row.AsOf, weights, now));
        return (weights, row.AsOf);
    }

    internal void Replace(long accountId, long version, long asOf, LearnedWeights weights) => Keep(accountId, new Entry(version, asOf, weights, time.GetTimestamp()));

    private void Keep(long accountId, Entry entry)
    {
        entries[accountId] = entry;
        if (entries.Count <= MaxLoaded) return;
        // Rare and cheap beside loading: drop the tenth that was longest unused.
        foreach (var (old, _) in entries.OrderBy(pair => pair.Value.Used).Take(MaxLoaded / 10)) entries.TryRemove(old, out _);
    }

    private sealed class Entry(long version, long asOf, LearnedWeights? weights, long looked)
    {
        internal long Version { get; } = version;

        internal long AsOf { get; } = asOf;

        internal LearnedWeights? Weights { get; } = weights;

        internal long Looked { get; } = looked;

        internal long Used { get; set; } = looked;
    }
}
