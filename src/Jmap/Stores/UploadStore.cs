using Sternpost.Storage;

namespace Sternpost.Jmap.Stores;

/// <summary>Octets that clients upload before they use them (RFC 8620 §6.1). Kept for a day; the oldest make room where an account has too many.</summary>
internal sealed class UploadStore(Database database, TimeProvider time)
{
    private static readonly TimeSpan Keep = TimeSpan.FromDays(1);

    /// <summary>Keeps an upload; answers its id, or null where it does not fit even into an empty store.</summary>
    internal async ValueTask<long?> AddAsync(long accountId, ReadOnlyMemory<byte> content, string type, long most, CancellationToken cancellation)
    {
        if (content.Length > most) return null;
        var prepared = database.Blobs.Prepare(content);
        return await database.WriteAsync<long?>(
            sql =>
            {
                var uploads = sql.Query($"select id, size from jmap_uploads where account_id = {accountId} order by id", row => (Id: row.GetInt64(0), Size: row.GetInt64(1)));
                var room = most - uploads.Sum(upload => upload.Size);
                foreach (var upload in uploads)
                {
                    if (room >= content.Length) break;
                    Delete(sql, upload.Id);
                    room += upload.Size;
                }
                database.Blobs.Put(sql, prepared);
                var id = database.NextId();
                sql.Execute($"insert into jmap_uploads (id, account_id, blob_id, type, size) values ({id}, {accountId}, {prepared.Id}, {type}, {content.Length})");
                return id;
            },
            cancellation).ConfigureAwait(false);
    }

    /// <summary>The octets and their type; null where the account has no such upload.</summary>
    internal ValueTask<(ReadOnlyMemory<byte> Content, string Type)?> ReadAsync(long accountId, long id, CancellationToken cancellation) => database.ReadAsync<(ReadOnlyMemory<byte>, string)?>(
        sql =>
        {
            var (blob, type) = sql.First($"select blob_id, type from jmap_uploads where id = {id} and account_id = {accountId}", row => (row.GetInt64(0), row.GetString(1)));
            return type is not null && database.Blobs.Read(sql, blob) is { } content ? (content, type) : null;
        },
        cancellation);

    /// <summary>Forgets what nobody has used for a day.</summary>
    internal async ValueTask SweepAsync(CancellationToken cancellation)
    {
        var before = Database.IdAt(time.GetUtcNow() - Keep);
        await database.WriteAsync(
            sql =>
            {
                foreach (var id in sql.Query($"select id from jmap_uploads where id < {before} limit 500", row => row.GetInt64(0))) Delete(sql, id);
                return 0;
            },
            cancellation).ConfigureAwait(false);
    }

    internal void RemoveAccount(Sql sql, long accountId)
    {
        foreach (var id in sql.Query($"select id from jmap_uploads where account_id = {accountId}", row => row.GetInt64(0))) Delete(sql, id);
    }

    private void Delete(Sql sql, long id)
    {
        var blob = sql.First($"select blob_id from jmap_uploads where id = {id}", row => row.GetInt64(0));
        sql.Execute($"delete from jmap_uploads where id = {id}");
        database.Blobs.Release(sql, blob);
    }
}
