using System.Collections.Concurrent;
using Sternpost.Dns;
using Sternpost.MailAuth.Dkim;
using Sternpost.Messages.Addresses;
using Sternpost.Queue.Intake;
using Sternpost.Storage;

namespace Sternpost.Queue.Signing;

/// <summary>
/// Signs what leaves with all keys of the author's domain, or of the nearest domain above it that has some: DMARC's relaxed alignment
/// takes either. <see cref="SignAsync"/> is a <see cref="MessageSigner"/>.
/// </summary>
public sealed class DkimMessageSigner(Database database, TimeProvider time)
{
    // A key made by a command beside the running server counts after so long.
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(30);
    private const int Capacity = 10_000;

    private readonly ConcurrentDictionary<DomainName, Known> known = new();

    /// <summary>The signatures to prepend; nothing where no key fits.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> SignAsync(EmailAddress? headerFrom, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        for (var domain = headerFrom?.Domain; domain is not null; domain = domain.Parent)
        {
            var keys = await KeysAsync(domain, cancellation).ConfigureAwait(false);
            if (keys.Count > 0) return DkimSigner.Sign(content, keys, time.GetUtcNow());
        }
        return ReadOnlyMemory<byte>.Empty;
    }

    /// <summary>The key that seals for a domain, or the nearest domain above it that has one; null without any. RSA, because few can read a seal by Ed25519.</summary>
    internal async ValueTask<DkimSigningKey?> SealingKeyAsync(DomainName domain, CancellationToken cancellation)
    {
        for (var name = domain; name is not null; name = name.Parent)
        {
            if ((await KeysAsync(name, cancellation).ConfigureAwait(false)).FirstOrDefault(key => key.KeyType == "rsa") is { } key) return key;
        }
        return null;
    }

    private async ValueTask<IReadOnlyList<DkimSigningKey>> KeysAsync(DomainName domain, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        known.TryGetValue(domain, out var last);
        if (last is not null && last.Until > now) return last.Keys;
        var rows = await database.ReadAsync(sql => DkimKeys.Rows(sql, domain), cancellation).ConfigureAwait(false);
        // Old objects are not disposed: another message may be signed with them at this moment.
        var keys = last is not null && last.Ids.SequenceEqual(rows.Select(row => row.Id))
            ? last.Keys
            : [.. rows.Select(row => DkimSigningKey.Import(domain, row.Selector, row.PrivateKey))];
        if (known.Count >= Capacity) known.Clear();
        known[domain] = new Known([.. rows.Select(row => row.Id)], keys, now + Kept);
        return keys;
    }

    private sealed record Known(long[] Ids, IReadOnlyList<DkimSigningKey> Keys, DateTimeOffset Until);
}
