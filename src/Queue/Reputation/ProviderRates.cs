using System.Data.Common;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Sternpost.Dns;
using Sternpost.Storage;

namespace Sternpost.Queue.Reputation;

/// <summary>How much a provider is sent now.</summary>
/// <param name="Provider">The registrable domain of its mail servers' names.</param>
/// <param name="MessagesPerMinute">How much.</param>
/// <param name="Since">When that changed last.</param>
public sealed record ProviderRate(string Provider, double MessagesPerMinute, DateTimeOffset Since);

/// <summary>
/// A token bucket for each provider, found out by trying: nobody is limited until he says "less" (421, 4.7.x), which halves what was sent in
/// the last minutes; each hour without another such word lets it grow by half, until it is out of the way again. Providers are told apart by
/// the names of their servers, because one provider serves the domains of many.
/// </summary>
internal sealed class ProviderRates(Database database, TimeProvider time, ILogger log)
{
    internal const string Prefix = "rate:";
    private const double Least = 0.5;
    private const double Growth = 1.5;
    // Grown so far beyond what was once too much, the limit is no limit any more.
    private const double Gone = 8;
    private const double LargestRate = 6000;
    private const int Capacity = 10_000;
    private static readonly TimeSpan BetweenHalvings = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan CleanFor = TimeSpan.FromHours(1);
    private static readonly TimeSpan CountedOver = TimeSpan.FromMinutes(5);

    private readonly Lock gate = new();
    private readonly Dictionary<string, Bucket> buckets = [];

    /// <summary>Goes on where the last process was.</summary>
    internal async ValueTask LoadAsync(CancellationToken cancellation)
    {
        var kept = await database.ReadAsync(sql => QueueFacts.Under(sql, Prefix), cancellation).ConfigureAwait(false);
        lock (gate)
        {
            foreach (var (name, value, changed) in kept)
            {
                if (!double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var rate) || rate <= 0) continue;
                buckets[name[Prefix.Length..]] = new Bucket { Rate = rate, WasTooMuch = rate * 2, Changed = changed, Refilled = time.GetUtcNow(), Begun = time.GetUtcNow() };
            }
        }
    }

    /// <summary>The provider that a server's name belongs to; the name itself where it is an address.</summary>
    internal static string ProviderOf(string host)
    {
        var name = host.TrimEnd('.').ToLowerInvariant();
        var domain = PublicSuffixes.RegistrableDomain(name);
        return domain.IsEmpty ? name : domain.ToString();
    }

    /// <summary>Takes a message's place; null where it may go, otherwise how long there is none.</summary>
    internal TimeSpan? Take(string provider)
    {
        var now = time.GetUtcNow();
        lock (gate)
        {
            var bucket = Of(provider, now);
            bucket.Count(now);
            if (bucket.Rate is not { } rate) return null;
            if (now - bucket.Changed >= CleanFor)
            {
                rate *= Math.Pow(Growth, Math.Floor((now - bucket.Changed) / CleanFor));
                bucket.Changed = now;
                bucket.Rate = rate > bucket.WasTooMuch * Gone ? null : rate;
                if (bucket.Rate is null) return null;
            }
            bucket.Refill(now, rate);
            if (bucket.Tokens < 1)
            {
                bucket.Uncount();
                return TimeSpan.FromMinutes((1 - bucket.Tokens) / rate);
            }
            bucket.Tokens--;
            return null;
        }
    }

    /// <summary>The provider asked for less.</summary>
    internal async ValueTask PutOffAsync(string provider, string reply, CancellationToken cancellation)
    {
        double rate;
        var now = time.GetUtcNow();
        lock (gate)
        {
            var bucket = Of(provider, now);
            if (bucket.Rate is not null && now - bucket.Changed < BetweenHalvings) return;
            var before = bucket.Rate ?? Math.Clamp(bucket.PerMinute(now), 2 * Least, LargestRate);
            bucket.WasTooMuch = Math.Max(before, bucket.Rate is null ? 0 : bucket.WasTooMuch / 2);
            bucket.Rate = rate = Math.Max(Least, before / 2);
            bucket.Changed = bucket.Refilled = now;
            bucket.Tokens = 0;
        }
        log.ProviderSlowed(provider, rate, reply);
        try
        {
            await database.WriteAsync(sql => QueueFacts.Write(sql, Prefix + provider, rate.ToString("0.###", CultureInfo.InvariantCulture), now), cancellation).ConfigureAwait(false);
        }
        catch (DbException broken)
        {
            // The next process begins without it, which the provider tells it about.
            log.StoreFailed(broken);
        }
    }

    /// <summary>What is limited now, as the last word of each provider left it.</summary>
    internal static IReadOnlyList<ProviderRate> Of(Sql sql, DateTimeOffset now) =>
        [.. QueueFacts.Under(sql, Prefix)
            .Select(fact => (fact.Name, Rate: double.TryParse(fact.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var rate) ? rate : 0, fact.Changed))
            .Select(fact => new ProviderRate(fact.Name[Prefix.Length..], Math.Round(fact.Rate * Math.Pow(Growth, Math.Floor(Math.Max(0, (now - fact.Changed) / CleanFor))), 1), fact.Changed))
            .Where(rate => rate.MessagesPerMinute > 0 && now - rate.Since < TimeSpan.FromDays(1))];

    private Bucket Of(string provider, DateTimeOffset now)
    {
        if (buckets.TryGetValue(provider, out var known)) return known;
        if (buckets.Count >= Capacity)
        {
            foreach (var (name, _) in buckets.Where(one => one.Value.Rate is null).ToList()) buckets.Remove(name);
        }
        return buckets[provider] = new Bucket { Refilled = now, Begun = now };
    }

    private sealed class Bucket
    {
        private int sent;

        internal double? Rate { get; set; }
        internal double WasTooMuch { get; set; }
        internal double Tokens { get; set; }
        internal DateTimeOffset Refilled { get; set; }
        internal DateTimeOffset Changed { get; set; }
        internal DateTimeOffset Begun { get; set; }

        internal void Count(DateTimeOffset now)
        {
            if (now - Begun > CountedOver) (Begun, sent) = (now, 0);
            sent++;
        }

        internal void Uncount() => sent--;

        internal double PerMinute(DateTimeOffset now) => sent / Math.Max(1, (now - Begun).TotalMinutes);

        // A tenth of a minute's mail may go at once.
        internal void Refill(DateTimeOffset now, double rate)
        {
            Tokens = Math.Min(Math.Max(1, rate / 10), Tokens + (rate * (now - Refilled).TotalMinutes));
            Refilled = now;
        }
    }
}
