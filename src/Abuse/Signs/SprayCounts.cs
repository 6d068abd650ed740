using System.Net;
using Sternpost.Abuse.Limits;
using Sternpost.Storage;

namespace Sternpost.Abuse.Signs;

/// <summary>
/// Sees one password tried on many accounts, however slowly and from however many addresses: the usual counts of failures by address and by
/// name see nothing of that. Remembered for a week. Only what was tried on several accounts is written down and outlives a restart: what was
/// tried on one or two may be somebody's slip of the finger, close to the password that is right.
/// </summary>
internal sealed class SprayCounts(Database database, TimeProvider time)
{
    internal const int NamesOfSpray = 8;
    internal const int NamesWritten = 3;
    private const int MostTags = 20_000;
    private const int MostKept = 64;
    private static readonly TimeSpan Remembered = TimeSpan.FromDays(7);

    private readonly Lock gate = new();
    private readonly Dictionary<uint, Tried> tags = [];

    private sealed class Tried
    {
        // From where each name was tried first.
        internal Dictionary<string, string> Names { get; } = new(StringComparer.OrdinalIgnoreCase);

        internal HashSet<string> Sources { get; } = [];

        internal DateTimeOffset At { get; set; }

        internal void Add(string name, string source)
        {
            if (Names.Count < MostKept) Names.TryAdd(name, source);
            if (Sources.Count < MostKept) Sources.Add(source);
        }
    }

    /// <summary>Reads what was written down. Called once before sign-ins come.</summary>
    internal async ValueTask LoadAsync(CancellationToken cancellation)
    {
        var since = (time.GetUtcNow() - Remembered).ToUnixTimeMilliseconds();
        var rows = await database.ReadAsync(
            sql => sql.Query($"select tag, name, source, at from sprayed_passwords where at > {since} order by at", row => (Tag: row.GetInt64(0), Name: row.GetString(1), Source: row.GetString(2), At: row.GetInt64(3))),
            cancellation).ConfigureAwait(false);
        lock (gate)
        {
            foreach (var row in rows)
            {
                if (!tags.TryGetValue((uint)row.Tag, out var tried)) tags[(uint)row.Tag] = tried = new Tried();
                tried.Add(row.Name, row.Source);
                tried.At = DateTimeOffset.FromUnixTimeMilliseconds(row.At);
            }
        }
    }

    /// <summary>A password was wrong; answers from where it was tried where it is going round, else nothing.</summary>
    internal async ValueTask<IReadOnlyCollection<string>> FailedAsync(uint tag, string name, IPAddress client, CancellationToken cancellation)
    {
        if (tag == 0) return [];
        var now = time.GetUtcNow();
        List<(string Name, string Source)> toWrite = [];
        IReadOnlyCollection<string> sources = [];
        lock (gate)
        {
            if (tags.Count >= MostTags) MakeRoom(now);
            if (!tags.TryGetValue(tag, out var tried) || now - tried.At > Remembered) tags[tag] = tried = new Tried();
            tried.At = now;
            var before = tried.Names.Count;
            var source = SendingLayer.Of(client).Name;
            tried.Add(name, source);
            if (tried.Names.Count >= NamesOfSpray) sources = [.. tried.Sources];
            if (tried.Names.Count > before && tried.Names.Count >= NamesWritten)
                toWrite = tried.Names.Count == NamesWritten ? [.. tried.Names.Select(one => (one.Key, one.Value))] : [(name, source)];
        }
        if (toWrite.Count > 0) await WriteAsync(tag, toWrite, now, cancellation).ConfigureAwait(false);
        return sources;
    }

    /// <summary>True where a password goes round.</summary>
    internal bool IsSprayed(uint tag)
    {
        lock (gate) return tags.TryGetValue(tag, out var tried) && tried.Names.Count >= NamesOfSpray && time.GetUtcNow() - tried.At <= Remembered;
    }

    private async ValueTask WriteAsync(uint tag, List<(string Name, string Source)> tried, DateTimeOffset now, CancellationToken cancellation) => await database.WriteAsync(
        sql =>
        {
            var at = now.ToUnixTimeMilliseconds();
            sql.Execute($"delete from sprayed_passwords where at <= {(now - Remembered).ToUnixTimeMilliseconds()}");
            foreach (var (name, source) in tried)
                sql.Execute($"insert into sprayed_passwords (tag, name, source, at) values ({(long)tag}, {name}, {source}, {at}) on conflict (tag, name) do update set at = excluded.at");
            return true;
        },
        cancellation).ConfigureAwait(false);

    // Passwords tried on one account alone go first: they are the slips.
    private void MakeRoom(DateTimeOffset now)
    {
        for (var names = 1; tags.Count > MostTags * 9 / 10 && names <= MostKept; names++)
        {
            foreach (var (tag, tried) in tags) if (tried.Names.Count <= names || now - tried.At > Remembered) tags.Remove(tag);
        }
    }
}
