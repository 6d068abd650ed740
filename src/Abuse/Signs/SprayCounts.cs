using System.Net;
using Sternpost.Abuse.Limits;

namespace Sternpost.Abuse.Signs;

/// <summary>
/// Sees one password tried on many accounts, however slowly and from however many addresses: the usual counts of failures by address and by
/// name see nothing of that. Kept in memory for a week; a restart forgets.
/// </summary>
internal sealed class SprayCounts(TimeProvider time)
{
    internal const int NamesOfSpray = 8;
    private const int MostTags = 20_000;
    private const int MostKept = 64;
    private static readonly TimeSpan Remembered = TimeSpan.FromDays(7);

    private readonly Lock gate = new();
    private readonly Dictionary<uint, Tried> tags = [];

    private sealed class Tried(long at)
    {
        internal HashSet<string> Names { get; } = new(StringComparer.OrdinalIgnoreCase);

        internal HashSet<string> Sources { get; } = [];

        internal long At { get; set; } = at;
    }

    /// <summary>A password was wrong; answers from where it was tried where it is going round, else nothing.</summary>
    internal IReadOnlyCollection<string> Failed(uint tag, string name, IPAddress client)
    {
        if (tag == 0) return [];
        lock (gate)
        {
            var now = time.GetTimestamp();
            if (tags.Count >= MostTags) MakeRoom(now);
            if (!tags.TryGetValue(tag, out var tried) || time.GetElapsedTime(tried.At, now) > Remembered) tags[tag] = tried = new Tried(now);
            tried.At = now;
            if (tried.Names.Count < MostKept) tried.Names.Add(name);
            if (tried.Sources.Count < MostKept) tried.Sources.Add(SendingLayer.Of(client).Name);
            return tried.Names.Count >= NamesOfSpray ? [.. tried.Sources] : [];
        }
    }

    /// <summary>True where a password goes round.</summary>
    internal bool IsSprayed(uint tag)
    {
        lock (gate) return tags.TryGetValue(tag, out var tried) && tried.Names.Count >= NamesOfSpray && time.GetElapsedTime(tried.At) <= Remembered;
    }

    // Passwords tried on one account alone go first: they are the slips.
    private void MakeRoom(long now)
    {
        for (var names = 1; tags.Count > MostTags * 9 / 10 && names <= MostKept; names++)
        {
            foreach (var (tag, tried) in tags) if (tried.Names.Count <= names || time.GetElapsedTime(tried.At, now) > Remembered) tags.Remove(tag);
        }
    }
}
