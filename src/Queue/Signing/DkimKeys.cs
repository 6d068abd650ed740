using System.Globalization;
using Sternpost.Dns;
using Sternpost.MailAuth.Dkim;
using Sternpost.MailAuth.Published;
using Sternpost.Storage;

namespace Sternpost.Queue.Signing;

/// <summary>
/// The DKIM keys of this server's domains. They lie in the database and not in files beside it, so that a domain and its keys
/// commit together, a backup cannot have one without the other, and every node that shares the database signs with the same ones.
/// </summary>
public sealed class DkimKeys(Database database, TimeProvider time)
{
    /// <summary>Makes an RSA and an Ed25519 key for a domain that has none; false where it has some.</summary>
    public async ValueTask<bool> EnsureAsync(DomainName domain, CancellationToken cancellation)
    {
        if ((await PublishedAsync(domain, cancellation).ConfigureAwait(false)).Count > 0) return false;
        var day = time.GetUtcNow().UtcDateTime.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
        // RFC 8463 §5: both, because not every receiver knows Ed25519 yet.
        using var rsa = DkimSigningKey.GenerateRsa(domain, "r" + day);
        using var ed25519 = DkimSigningKey.GenerateEd25519(domain, "e" + day);
        return await database.WriteAsync(sql =>
        {
            if (Rows(sql, domain).Count > 0) return false;
            Insert(sql, rsa);
            Insert(sql, ed25519);
            return true;
        }, cancellation).ConfigureAwait(false);
    }

    /// <summary>The public halves, as DNS is to publish them.</summary>
    public ValueTask<IReadOnlyList<PublishedKey>> PublishedAsync(DomainName domain, CancellationToken cancellation) =>
        database.ReadAsync<IReadOnlyList<PublishedKey>>(
            sql => sql.Query($"select selector, algorithm, public_key from dkim_keys where domain = {domain.Ascii} order by id", row => new PublishedKey(row.GetString(0), row.GetString(1), row.GetString(2))),
            cancellation);

    /// <summary>Forgets the keys of a domain that is no longer ours.</summary>
    public async ValueTask RemoveAsync(DomainName domain, CancellationToken cancellation) =>
        await database.WriteAsync(sql => sql.Execute($"delete from dkim_keys where domain = {domain.Ascii}"), cancellation).ConfigureAwait(false);

    internal static List<KeyRow> Rows(Sql sql, DomainName domain) =>
        sql.Query($"select id, selector, private_key from dkim_keys where domain = {domain.Ascii} order by id", row => new KeyRow(row.GetInt64(0), row.GetString(1), row.GetFieldValue<byte[]>(2)));

    private void Insert(Sql sql, DkimSigningKey key)
    {
        var record = key.RecordText;
        var published = record[(record.IndexOf("p=", StringComparison.Ordinal) + 2)..];
        sql.Execute($"""
            insert into dkim_keys (id, domain, selector, algorithm, public_key, private_key, created)
            values ({database.NextId()}, {key.Domain.Ascii}, {key.Selector}, {key.KeyType}, {published}, {key.ExportPrivateKey()}, {time.GetUtcNow().ToUnixTimeMilliseconds()})
            """);
    }
}

/// <summary>A key as it is stored.</summary>
internal readonly record struct KeyRow(long Id, string Selector, byte[] PrivateKey);
