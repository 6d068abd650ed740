using System.Collections.Concurrent;
using Sternpost.Storage;

namespace Sternpost.Accounts.Scripts;

/// <summary>
/// The active scripts of the accounts that mail came for lately, and that others have none: asked for each copy that is delivered. Filled
/// when asked, emptied by what <see cref="WatchedState{T}"/> sees change.
/// </summary>
internal sealed class ScriptMemory
{
    private const int MostAccounts = 20_000;
    private const long MostOctets = 32 << 20;

    private readonly Database database;
    private readonly WatchedState<Looked> watched;
    private readonly ConcurrentDictionary<long, Known> known = new();
    private long octets;
    private long processed;

    internal ScriptMemory(Database database, TimeProvider time)
    {
        this.database = database;
        watched = new(LookAsync, time);
    }

    // All changes up to this one are taken in.
    private sealed record Looked(long Version);

    // Read when the count of all changes stood there.
    private sealed record Known(long AsOf, ActiveScript? Script);

    /// <summary>Called after a change of this process is durable.</summary>
    internal void Changed() => watched.Changed();

    internal async ValueTask<ActiveScript?> ActiveAsync(long accountId, CancellationToken cancellation)
    {
        await watched.CurrentAsync(cancellation).ConfigureAwait(false);
        if (known.TryGetValue(accountId, out var there)) return there.Script;
        var read = await database.ReadAsync(sql => new Known(ScriptRows.Version(sql), ScriptRows.Active(sql, accountId)), cancellation).ConfigureAwait(false);
        if (known.Count >= MostAccounts || Interlocked.Read(ref octets) >= MostOctets)
        {
            known.Clear();
            Interlocked.Exchange(ref octets, 0);
        }
        if (known.TryAdd(accountId, read)) Interlocked.Add(ref octets, Size(read));
        // A change that was taken in between the reading and the adding found nothing to forget.
        if (Volatile.Read(ref processed) > read.AsOf) Forget(accountId, long.MaxValue);
        return read.Script;
    }

    private async ValueTask<Looked> LookAsync(Looked? before, CancellationToken cancellation)
    {
        var (version, changed) = await database.ReadAsync(
            sql => ScriptRows.Version(sql) is var now && before is not null && now > before.Version ? (now, ScriptRows.ChangedSince(sql, before.Version)) : (now, []), cancellation).ConfigureAwait(false);
        if (version == before?.Version) return before;
        Volatile.Write(ref processed, version);
        foreach (var (account, last) in changed) Forget(account, last);
        return new Looked(version);
    }

    private void Forget(long accountId, long version)
    {
        if (known.TryGetValue(accountId, out var there) && there.AsOf < version && known.TryRemove(KeyValuePair.Create(accountId, there))) Interlocked.Add(ref octets, -Size(there));
    }

    private static long Size(Known known) => known.Script?.Content.Length ?? 0;
}
