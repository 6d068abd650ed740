using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Sternpost.Abuse.Alerts;
using Sternpost.Abuse.Limits;
using Sternpost.Abuse.Trust;
using Sternpost.Accounts.Sasl;
using Sternpost.Dns;
using Sternpost.Storage;

namespace Sternpost.Abuse.Signs;

/// <summary>
/// What sign-ins show: decoys, a password going round, an account signed in from many strange networks at once, networks that lists name.
/// Who gives himself away is barred from signing in for a day, unless somebody has rightly signed in from there lately.
/// </summary>
public sealed class SignInWatch(Database database, SenderTrust trust, PlantedNames planted, IAlerts alerts, IDnsResolver resolver, IReadOnlyList<DomainName> lists, TimeProvider time) : ISignInWatch
{
    private const int NetworksAtOnce = 4;
    private const double GraveCost = 10;
    private const int MostKept = 50_000;
    private static readonly TimeSpan BarredFor = TimeSpan.FromDays(1);
    private static readonly TimeSpan GoodFor = TimeSpan.FromDays(30);
    private static readonly TimeSpan AtOnce = TimeSpan.FromHours(1);
    private static readonly TimeSpan NotedAgain = TimeSpan.FromHours(6);

    private readonly SprayCounts sprays = new(database, time);
    private readonly ConcurrentDictionary<string, DateTimeOffset> barred = new();
    private readonly ConcurrentDictionary<string, long> good = new();
    private readonly ConcurrentDictionary<(long Account, string Network), long> noted = new();
    private readonly ConcurrentDictionary<long, List<(string Network, long At)>> strange = new();

    /// <summary>Reads who is barred and which passwords go round. Called once before sign-ins come.</summary>
    public async ValueTask LoadAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var (network, until) in await database.ReadAsync(sql => sql.Query($"select network, until from barred_networks where until > {now}", row => (row.GetString(0), row.GetInt64(1))), cancellation).ConfigureAwait(false))
            barred[network] = DateTimeOffset.FromUnixTimeMilliseconds(until);
        await sprays.LoadAsync(cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public string? Refuse(IPAddress client)
    {
        if (barred.IsEmpty) return null;
        var source = SendingLayer.Of(client).Name;
        if (!barred.TryGetValue(source, out var until)) return null;
        if (until > time.GetUtcNow()) return $"{source} gave itself away as an attacker and may not sign in until {until:u}";
        barred.TryRemove(source, out _);
        return null;
    }

    /// <inheritdoc/>
    public async ValueTask TriedAsync(SignInAttempt attempt, CancellationToken cancellation)
    {
        if (await planted.IsDecoyAsync(attempt.Name, cancellation).ConfigureAwait(false))
        {
            await BarAsync([SendingLayer.Of(attempt.Client).Name], "it tried to sign in as a decoy, whose name only guessers and thieves know", cancellation).ConfigureAwait(false);
            return;
        }
        if (!attempt.Succeeded)
        {
            if (await sprays.FailedAsync(attempt.PasswordTag, attempt.Name, attempt.Client, cancellation).ConfigureAwait(false) is { Count: > 0 } sources)
                await BarAsync(sources, $"one password was tried on {SprayCounts.NamesOfSpray} accounts and more, from there among others", cancellation).ConfigureAwait(false);
            return;
        }
        if (attempt.Account is { } account) await SucceededAsync(attempt, account.Id, cancellation).ConfigureAwait(false);
    }

    private async ValueTask SucceededAsync(SignInAttempt attempt, long account, CancellationToken cancellation)
    {
        var network = MessageTraits.NetworkOf(attempt.Client);
        if (attempt.PasswordTag != 0 && sprays.IsSprayed(attempt.PasswordTag))
            await trust.NoticeAsync(account, SignKind.Spray, $"Signed in from {attempt.Client} with a password that had been tried on many accounts.", certain: true, 0, cancellation).ConfigureAwait(false);
        if (good.Count >= MostKept) good.Clear();
        good[SendingLayer.Of(attempt.Client).Name] = time.GetTimestamp();
        if (noted.TryGetValue((account, network), out var last) && time.GetElapsedTime(last) < NotedAgain) return;
        if (noted.Count >= MostKept) noted.Clear();
        noted[(account, network)] = time.GetTimestamp();
        var knows = await database.ReadAsync(sql => trust.KnowsNetwork(sql, account, attempt.Client), cancellation).ConfigureAwait(false);
        await database.WriteAsync(
            sql =>
            {
                trust.SignedIn(sql, account, attempt.Client);
                return true;
            },
            cancellation).ConfigureAwait(false);
        if (!knows) await StrangeAsync(account, network, attempt.Client, cancellation).ConfigureAwait(false);
    }

    private async ValueTask StrangeAsync(long account, string network, IPAddress client, CancellationToken cancellation)
    {
        var networks = strange.GetOrAdd(account, _ => []);
        int atOnce;
        lock (networks)
        {
            networks.RemoveAll(seen => time.GetElapsedTime(seen.At) > AtOnce || seen.Network == network);
            networks.Add((network, time.GetTimestamp()));
            atOnce = networks.Count;
        }
        // One traveller has a hotel, a telephone and a train; a stolen password is used from everywhere at once.
        if (atOnce >= NetworksAtOnce)
            await trust.NoticeAsync(account, SignKind.Travel, $"Signed in from {atOnce} networks within an hour, none of which it was used from before, the last {client}.", certain: false, GraveCost, cancellation).ConfigureAwait(false);
        if (await ListedAsync(client, cancellation).ConfigureAwait(false) is { } list)
            await trust.NoticeAsync(account, SignKind.ListedNetwork, $"Signed in from {client}, which {list} lists, and never from there before.", certain: false, GraveCost, cancellation).ConfigureAwait(false);
    }

    private async ValueTask<DomainName?> ListedAsync(IPAddress client, CancellationToken cancellation)
    {
        foreach (var list in lists)
        {
            if (!DomainName.TryParse($"{Reversed(client)}.{list.Ascii}", out var name)) continue;
            var answer = await resolver.AddressesAsync(name, AddressFamily.InterNetwork, cancellation).ConfigureAwait(false);
            // RFC 5782 §2.1: 127.0.0.0/8 is a listing; 127.255.255.0/24 says at several vendors that one may not ask.
            if (answer.Records.Any(record => record.GetAddressBytes() is [127, not 255, ..])) return list;
        }
        return null;
    }

    // RFC 5782 §2.1 and §2.4.
    private static string Reversed(IPAddress address)
    {
        var octets = address.GetAddressBytes();
        Array.Reverse(octets);
        return address.AddressFamily == AddressFamily.InterNetwork
            ? string.Join('.', octets)
            : string.Join('.', octets.SelectMany(octet => new[] { octet & 15, octet >> 4 }).Select(nibble => nibble.ToString("x", System.Globalization.CultureInfo.InvariantCulture)));
    }

    private async ValueTask BarAsync(IReadOnlyCollection<string> sources, string reason, CancellationToken cancellation)
    {
        var until = time.GetUtcNow() + BarredFor;
        var fresh = sources.Where(source => !(good.TryGetValue(source, out var at) && time.GetElapsedTime(at) < GoodFor) && barred.TryAdd(source, until)).ToList();
        if (fresh.Count == 0) return;
        await database.WriteAsync(
            sql =>
            {
                foreach (var source in fresh)
                {
                    sql.Execute($"""
                        insert into barred_networks (network, until, reason) values ({source}, {until.ToUnixTimeMilliseconds()}, {reason})
                        on conflict (network) do update set until = excluded.until, reason = excluded.reason
                        """);
                }
                alerts.Raise(sql, new Alert("sign-in-barred", $"{fresh.Count} {(fresh.Count == 1 ? "address" : "addresses")} barred from signing in",
                    $"For a day nobody can sign in from:\n\n  {string.Join("\n  ", fresh)}\n\nThe reason: {reason}.\nAccounts are as they were; nothing need be done."));
                return true;
            },
            cancellation).ConfigureAwait(false);
    }
}
