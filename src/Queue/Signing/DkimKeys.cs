using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
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
        // RFC 8463 §5: both, because not every receiver knows Ed25519 yet.
        using var rsa = DkimSigningKey.GenerateRsa(domain, Selector('r', ""));
        using var ed25519 = DkimSigningKey.GenerateEd25519(domain, Selector('e', ""));
        return await database.WriteAsync(sql =>
        {
            if (Rows(sql, domain).Count > 0) return false;
            Insert(sql, rsa, KeyUse.Signing);
            Insert(sql, ed25519, KeyUse.Signing);
            return true;
        }, cancellation).ConfigureAwait(false);
    }

    /// <summary>Makes the keys that follow on those in use, for each algorithm that has none waiting; they sign once <see cref="DkimRotation"/> has seen them in DNS. Answers how many.</summary>
    public async ValueTask<int> PrepareAsync(DomainName domain, CancellationToken cancellation)
    {
        var known = await database.ReadAsync(sql => All(sql, domain), cancellation).ConfigureAwait(false);
        var made = 0;
        foreach (var algorithm in known.Where(key => key.Use == KeyUse.Signing).Select(key => key.Algorithm).Distinct().ToList())
        {
            if (known.Any(key => key.Algorithm == algorithm && key.Use == KeyUse.Next)) continue;
            // Another on the same day, as after a key was lost, needs another name.
            var suffix = "";
            while (known.Any(key => key.Selector == Selector(algorithm[0], suffix))) suffix += "x";
            using var next = algorithm == "rsa" ? DkimSigningKey.GenerateRsa(domain, Selector('r', suffix)) : DkimSigningKey.GenerateEd25519(domain, Selector('e', suffix));
            if (await database.WriteAsync(sql =>
            {
                if (All(sql, domain).Any(key => key.Algorithm == algorithm && key.Use == KeyUse.Next)) return false;
                Insert(sql, next, KeyUse.Next);
                return true;
            }, cancellation).ConfigureAwait(false)) made++;
        }
        return made;
    }

    /// <summary>The public halves, as DNS is to publish them: those that wait, sign, or signed what may still be on its way; revoked ones without their key.</summary>
    public async ValueTask<IReadOnlyList<PublishedKey>> PublishedAsync(DomainName domain, CancellationToken cancellation) =>
        [.. (await database.ReadAsync(sql => All(sql, domain), cancellation).ConfigureAwait(false)).Select(key => key.Published)];

    /// <summary>Whether the keys of a domain that can sign, or will, are keys and belong to what is published. Answers how many do, and what is wrong with the others.</summary>
    public async ValueTask<(int Sound, IReadOnlyList<string> Wrong)> VerifyAsync(DomainName domain, CancellationToken cancellation)
    {
        var kept = await database.ReadAsync(
            sql => sql.Query(
                $"select selector, public_key, private_key from dkim_keys where domain = {domain.Ascii} and use <> {(long)KeyUse.Revoked} order by id",
                row => (Selector: row.GetString(0), PublicKey: row.GetString(1), PrivateKey: row.GetFieldValue<byte[]>(2))),
            cancellation).ConfigureAwait(false);
        var wrong = new List<string>();
        foreach (var (selector, publicKey, privateKey) in kept)
        {
            try
            {
                using var key = DkimSigningKey.Import(domain, selector, privateKey);
                if (PublishedPart(key) != publicKey) wrong.Add($"{selector}._domainkey.{domain}: the key that signs is another than the published one");
            }
            catch (Exception broken) when (broken is CryptographicException or ArgumentException or FormatException)
            {
                wrong.Add($"{selector}._domainkey.{domain}: {broken.Message}");
            }
        }
        return (kept.Count - wrong.Count, wrong);
    }

    /// <summary>Forgets the keys of a domain that is no longer ours.</summary>
    public async ValueTask RemoveAsync(DomainName domain, CancellationToken cancellation) =>
        await database.WriteAsync(sql => sql.Execute($"delete from dkim_keys where domain = {domain.Ascii}"), cancellation).ConfigureAwait(false);

    /// <summary>The keys that sign.</summary>
    internal static List<KeyRow> Rows(Sql sql, DomainName domain) =>
        sql.Query(
            $"select id, selector, private_key from dkim_keys where domain = {domain.Ascii} and use = {(long)KeyUse.Signing} order by id",
            row => new KeyRow(row.GetInt64(0), row.GetString(1), row.GetFieldValue<byte[]>(2)));

    /// <summary>All keys, whatever they are used for.</summary>
    internal static List<KeptKey> All(Sql sql, DomainName domain) =>
        sql.Query($"select id, selector, algorithm, public_key, use, used_since, created, seen from dkim_keys where domain = {domain.Ascii} order by id", Kept);

    internal static void SetUse(Sql sql, long id, KeyUse use, DateTimeOffset now) =>
        sql.Execute($"update dkim_keys set use = {(long)use}, used_since = {now.ToUnixTimeMilliseconds()} where id = {id}");

    internal static void SetSeen(Sql sql, long id, DateTimeOffset? seen) =>
        sql.Execute($"update dkim_keys set seen = {seen?.ToUnixTimeMilliseconds()} where id = {id}");

    /// <summary>Revokes a key: what could sign with it is gone.</summary>
    internal static void Revoke(Sql sql, long id, DateTimeOffset now)
    {
        SetUse(sql, id, KeyUse.Revoked, now);
        sql.Execute($"update dkim_keys set private_key = {Array.Empty<byte>()} where id = {id}");
    }

    internal static void Forget(Sql sql, long id) => sql.Execute($"delete from dkim_keys where id = {id}");

    private static KeptKey Kept(DbDataReader row)
    {
        var created = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(6));
        // Keys of before rotation was kept have no word of it.
        var since = row.GetInt64(5) == 0 ? created : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(5));
        return new KeptKey(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3), (KeyUse)row.GetInt64(4), since, row.IsDBNull(7) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(7)));
    }

    private string Selector(char algorithm, string suffix) => algorithm + time.GetUtcNow().UtcDateTime.ToString("yyyyMMdd", CultureInfo.InvariantCulture) + suffix;

    private static string PublishedPart(DkimSigningKey key) => key.RecordText[(key.RecordText.IndexOf("p=", StringComparison.Ordinal) + 2)..];

    private void Insert(Sql sql, DkimSigningKey key, KeyUse use)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        sql.Execute($"""
            insert into dkim_keys (id, domain, selector, algorithm, public_key, private_key, created, use, used_since)
            values ({database.NextId()}, {key.Domain.Ascii}, {key.Selector}, {key.KeyType}, {PublishedPart(key)}, {key.ExportPrivateKey()}, {now}, {(long)use}, {now})
            """);
    }
}

/// <summary>A key that signs, as it is stored.</summary>
internal readonly record struct KeyRow(long Id, string Selector, byte[] PrivateKey);

/// <summary>A key without its private half.</summary>
/// <param name="Id">Of its row.</param>
/// <param name="Selector">Where its record is.</param>
/// <param name="Algorithm"><c>rsa</c> or <c>ed25519</c>.</param>
/// <param name="PublicKey">The value of p= while it is good.</param>
/// <param name="Use">What it is used for.</param>
/// <param name="Since">Since when.</param>
/// <param name="Seen">Since when its record has been in DNS; null where that is not known.</param>
internal sealed record KeptKey(long Id, string Selector, string Algorithm, string PublicKey, KeyUse Use, DateTimeOffset Since, DateTimeOffset? Seen)
{
    internal PublishedKey Published => new(Selector, Algorithm, Use == KeyUse.Revoked ? "" : PublicKey) { Use = Use };
}
