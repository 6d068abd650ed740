using System.Data.Common;
using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging;
using Sternpost.Storage;

namespace Sternpost.Queue.Reputation;

/// <summary>By which group of addresses a message leaves.</summary>
public enum SourcePool
{
    /// <summary>The usual one.</summary>
    Usual = 0,
    /// <summary>Mail whose content others answer for: what aliases pass on, notifications, and what new accounts send.</summary>
    Risky = 1,
}

/// <summary>
/// Chooses the address a connection is made from. Addresses that are new at sending carry little at first, twice as much each day, as receivers
/// expect it; the others carry the rest. Where there is no other, mail goes all the same: it must not wait for a plan.
/// </summary>
internal sealed class SourceAddresses(Database database, QueueOptions options, TimeProvider time, ILogger log)
{
    internal const string Prefix = "warm:";
    /// <summary>Messages on the first day of a new address.</summary>
    internal const int FirstDay = 50;
    private const int DaysOfWarmUp = 14;

    private readonly Lock gate = new();
    private readonly Dictionary<IPAddress, Warming> warming = [];

    /// <summary>Remembers since when the new addresses are in use, and what they carried today.</summary>
    internal async ValueTask LoadAsync(CancellationToken cancellation)
    {
        foreach (var address in options.WarmingAddresses)
        {
            var (value, _) = await database.ReadAsync(sql => QueueFacts.Read(sql, Prefix + address), cancellation).ConfigureAwait(false);
            var found = Warming.Parse(value) ?? new Warming(Today, Today, 0);
            if (value is null) await SaveAsync(address, found, cancellation).ConfigureAwait(false);
            lock (gate) warming[address] = found;
        }
    }

    /// <summary>The addresses one of which is to be used; empty where the system may choose.</summary>
    internal IReadOnlyList<IPAddress> For(SourcePool pool)
    {
        if (pool == SourcePool.Risky && options.RiskySourceAddresses.Count > 0) return options.RiskySourceAddresses;
        if (options.WarmingAddresses.Count == 0) return options.SourceAddresses;
        lock (gate)
        {
            List<IPAddress> ready = [.. options.WarmingAddresses.Where(address => warming.TryGetValue(address, out var state) && state.HasRoom(Today))];
            // The new one first, as long as its day's share lasts; per family, because a new IPv4 address says nothing about IPv6.
            return [.. ready, .. options.SourceAddresses.Where(address => !ready.Exists(other => other.AddressFamily == address.AddressFamily))];
        }
    }

    /// <summary>A message left by this address.</summary>
    internal async ValueTask CountAsync(IPAddress? address, CancellationToken cancellation)
    {
        if (address is null || options.WarmingAddresses.Count == 0) return;
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        Warming state;
        lock (gate)
        {
            if (!warming.TryGetValue(address, out var known)) return;
            warming[address] = state = known.Count(Today);
        }
        await SaveAsync(address, state, cancellation).ConfigureAwait(false);
    }

    private long Today => time.GetUtcNow().ToUnixTimeSeconds() / (24 * 60 * 60);

    private async ValueTask SaveAsync(IPAddress address, Warming state, CancellationToken cancellation)
    {
        try
        {
            await database.WriteAsync(sql => QueueFacts.Write(sql, Prefix + address, state.ToString(), time.GetUtcNow()), cancellation).ConfigureAwait(false);
        }
        catch (DbException broken)
        {
            // A message more or less on one day is no reason to stop.
            log.StoreFailed(broken);
        }
    }

    /// <summary>An address on its way up: the day it began, the day counted, the messages of that day.</summary>
    private sealed record Warming(long First, long Day, int Sent)
    {
        internal bool HasRoom(long today) => today - First >= DaysOfWarmUp || (Day == today ? Sent : 0) < FirstDay << (int)Math.Max(0, today - First);

        internal Warming Count(long today) => Day == today ? this with { Sent = Sent + 1 } : this with { Day = today, Sent = 1 };

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{First} {Day} {Sent}");

        internal static Warming? Parse(string? text) =>
            text?.Split(' ') is [var first, var day, var sent]
            && long.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var began) && long.TryParse(day, NumberStyles.None, CultureInfo.InvariantCulture, out var counted)
            && int.TryParse(sent, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? new Warming(began, counted, number) : null;
    }
}
