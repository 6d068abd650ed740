using Sternpost.Messages.Addresses;
using Sternpost.Storage;

namespace Sternpost.Abuse.Signs;

/// <summary>An address planted where only a thief looks.</summary>
/// <param name="Address">It; nobody has a reason to write to it.</param>
/// <param name="AccountId">In whose address book it lies; null where in many.</param>
/// <param name="Planted">Since when.</param>
public sealed record Canary(EmailAddress Address, long? AccountId, DateTimeOffset Planted);

/// <summary>
/// Canary contacts and decoy logins: addresses nobody writes to and names nobody signs in as, so that whoever does gives himself away. They
/// are few; the whole of them is in memory and read again every ten seconds.
/// </summary>
public sealed class PlantedNames(Database database, TimeProvider time)
{
    private static readonly TimeSpan ReadAgain = TimeSpan.FromSeconds(10);

    private volatile Known known = new([], [], long.MinValue);

    private sealed record Known(HashSet<string> Canaries, HashSet<string> Decoys, long At);

    /// <summary>True for a canary.</summary>
    public async ValueTask<bool> IsCanaryAsync(EmailAddress address, CancellationToken cancellation) => (await CurrentAsync(cancellation).ConfigureAwait(false)).Canaries.Contains(address.Key);

    /// <summary>True for a decoy; names are compared without case.</summary>
    public async ValueTask<bool> IsDecoyAsync(string name, CancellationToken cancellation) => (await CurrentAsync(cancellation).ConfigureAwait(false)).Decoys.Contains(Canonical(name));

    /// <summary>Makes an address a canary; false where it is one.</summary>
    public ValueTask<bool> AddCanaryAsync(EmailAddress address, long? accountId, CancellationToken cancellation) => database.WriteAsync(
        sql => sql.Execute($"insert into canaries (address, account_id, planted) values ({address.Key}, {accountId}, {Now()}) on conflict (address) do nothing") == 1, cancellation);

    /// <summary>Takes one back; false where it is none.</summary>
    public ValueTask<bool> RemoveCanaryAsync(EmailAddress address, CancellationToken cancellation) => database.WriteAsync(sql => sql.Execute($"delete from canaries where address = {address.Key}") == 1, cancellation);

    /// <summary>All canaries.</summary>
    public ValueTask<IReadOnlyList<Canary>> CanariesAsync(CancellationToken cancellation) => database.ReadAsync<IReadOnlyList<Canary>>(
        sql => sql.Query($"select address, account_id, planted from canaries order by address", row => new Canary(EmailAddress.Parse(row.GetString(0)), row.IsDBNull(1) ? null : row.GetInt64(1), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(2)))),
        cancellation);

    /// <summary>Makes a name a decoy; false where it is one.</summary>
    public ValueTask<bool> AddDecoyAsync(string name, CancellationToken cancellation) => database.WriteAsync(
        sql => sql.Execute($"insert into decoys (name, created) values ({Canonical(name)}, {Now()}) on conflict (name) do nothing") == 1, cancellation);

    /// <summary>Takes one back; false where it is none.</summary>
    public ValueTask<bool> RemoveDecoyAsync(string name, CancellationToken cancellation) => database.WriteAsync(sql => sql.Execute($"delete from decoys where name = {Canonical(name)}") == 1, cancellation);

    /// <summary>All decoys with their dates.</summary>
    public ValueTask<IReadOnlyList<(string Name, DateTimeOffset Created)>> DecoysAsync(CancellationToken cancellation) => database.ReadAsync<IReadOnlyList<(string, DateTimeOffset)>>(
        sql => sql.Query($"select name, created from decoys order by name", row => (row.GetString(0), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(1)))), cancellation);

    private static string Canonical(string name) => EmailAddress.TryParse(name, out var address) ? address.Key : name.ToLowerInvariant();

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    private async ValueTask<Known> CurrentAsync(CancellationToken cancellation)
    {
        var current = known;
        if (current.At != long.MinValue && time.GetElapsedTime(current.At) < ReadAgain) return current;
        var at = time.GetTimestamp();
        return known = await database.ReadAsync(
            sql => new Known(
                [.. sql.Query($"select address from canaries", row => row.GetString(0))],
                [.. sql.Query($"select name from decoys", row => row.GetString(0))], at),
            cancellation).ConfigureAwait(false);
    }
}
