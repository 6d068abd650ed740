using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Sternpost.Dns;
using Sternpost.Storage;

namespace Sternpost.Queue.TransportSecurity;

/// <summary>What MTA-STS says of a destination now.</summary>
/// <param name="Policy">The policy in force; null where there is none.</param>
/// <param name="Failure">How the last attempt to fetch one failed, for TLS reports; null where it did not.</param>
internal sealed record StsFinding(StsPolicy? Policy, StsFetched? Failure = null)
{
    internal static StsFinding Nothing { get; } = new(null, null);
}

/// <summary>
/// The policies of destinations: fetched when a domain first says it has one and whenever its id changes, kept on the disk for as
/// long as the policy says, and kept in force while a new one cannot be fetched (RFC 8461 §3.3, §5.1).
/// </summary>
internal sealed class StsPolicies(Database database, IDnsResolver dns, StsFetch fetch, TimeProvider time, ILogger log)
{
    // RFC 8461 §3.3: after a failure not sooner than five minutes.
    private static readonly TimeSpan RestAfterFailure = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan RefreshedAfter = TimeSpan.FromDays(1);
    private const int RefreshedTogether = 1000;
    private const int Capacity = 10_000;

    private readonly ConcurrentDictionary<DomainName, (DateTimeOffset Until, string Id, StsFetched Failure)> failing = new();
    private readonly ConcurrentDictionary<DomainName, Lazy<Task<StsFinding>>> underWay = new();

    /// <summary>The policy to deliver by. Several deliveries that ask at once wait for one fetch.</summary>
    internal async ValueTask<StsFinding> FindAsync(DomainName domain, CancellationToken cancellation)
    {
        if (!DomainName.TryParseForQuery("_mta-sts." + domain.Ascii, out var name)) return StsFinding.Nothing;
        var answer = await dns.TxtAsync(name, cancellation).ConfigureAwait(false);
        var id = StsRecord.IdOf(answer.Records);
        var kept = await KeptAsync(domain, cancellation).ConfigureAwait(false);
        // RFC 8461 §5.1: a policy in force stays in force, also where the record is gone: whoever takes it away must not gain by that.
        if (id is null || id == kept?.Id) return new StsFinding(InForce(kept));
        if (failing.TryGetValue(domain, out var failed) && failed.Until > time.GetUtcNow() && failed.Id == id) return new StsFinding(InForce(kept), failed.Failure);
        return await FetchOnceAsync(domain, id, kept, cancellation).ConfigureAwait(false);
    }

    /// <summary>Fetches again, ahead of their end, the policies that were fetched more than a day ago (RFC 8461 §10.2), and forgets those that have ended.</summary>
    internal async Task RefreshAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        foreach (var text in await database.ReadAsync(sql => StsRows.Aging(sql, now - RefreshedAfter, now, RefreshedTogether), cancellation).ConfigureAwait(false))
        {
            if (!DomainName.TryParse(text, out var domain) || await KeptAsync(domain, cancellation).ConfigureAwait(false) is not { } kept) continue;
            if (failing.TryGetValue(domain, out var failed) && failed.Until > time.GetUtcNow()) continue;
            await FetchOnceAsync(domain, kept.Id, kept, cancellation).ConfigureAwait(false);
        }
        await database.WriteAsync(sql => StsRows.RemoveExpired(sql, now), cancellation).ConfigureAwait(false);
    }

    private async Task<StsFinding> FetchOnceAsync(DomainName domain, string id, KeptPolicy? kept, CancellationToken cancellation)
    {
        var shared = underWay.GetOrAdd(domain, d => new Lazy<Task<StsFinding>>(() => FetchAsync(d, id, kept)));
        return await shared.Value.WaitAsync(cancellation).ConfigureAwait(false);
    }

    // Its own time budget ends it, not the delivery that asked first: others may be waiting for the same policy.
    private async Task<StsFinding> FetchAsync(DomainName domain, string id, KeptPolicy? kept)
    {
        try
        {
            var fetched = await fetch(domain, CancellationToken.None).ConfigureAwait(false);
            if (fetched.Policy is not { } policy)
            {
                if (failing.Count >= Capacity) failing.Clear();
                failing[domain] = (time.GetUtcNow() + RestAfterFailure, id, fetched);
                log.PolicyNotFetched(domain.Ascii, fetched.Reason, InForce(kept) is null ? "no policy is in force" : "the one kept stays in force");
                return new StsFinding(InForce(kept), fetched);
            }
            failing.TryRemove(domain, out _);
            var fresh = new KeptPolicy(id, policy, time.GetUtcNow());
            await database.WriteAsync(
                sql =>
                {
                    StsRows.Put(sql, domain, fresh);
                    return true;
                },
                CancellationToken.None).ConfigureAwait(false);
            log.PolicyFetched(domain.Ascii, id, policy.Mode.ToString(), policy.MaxAge);
            return new StsFinding(InForce(fresh));
        }
        finally
        {
            underWay.TryRemove(domain, out _);
        }
    }

    private ValueTask<KeptPolicy?> KeptAsync(DomainName domain, CancellationToken cancellation) => database.ReadAsync(sql => StsRows.Find(sql, domain), cancellation);

    // RFC 8461 §5: "none" says that there is no policy.
    private StsPolicy? InForce(KeptPolicy? kept) => kept is not null && kept.Expires > time.GetUtcNow() && kept.Policy.Mode != StsMode.None ? kept.Policy : null;
}
