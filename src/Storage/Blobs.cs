using System.Security.Cryptography;

namespace Sternpost.Storage;

/// <summary>
/// Immutable octets, stored once and counted by those who refer to them. Up to 128 KiB they are a row and share the transaction's
/// fsync; more is a file, written and synced with its folder before the transaction that refers to it, so that a committed
/// reference always leads to content. The reverse, a file nobody refers to, is what a crash may leave and the sweep removes.
/// </summary>
public sealed class Blobs
{
    private const int LargestRow = 128 * 1024;

    private readonly Database database;
    private readonly BlobFiles files;

    internal Blobs(Database database, BlobFiles files)
    {
        this.database = database;
        this.files = files;
    }

    /// <summary>Digests content before the transaction that stores it; large content is written and synced here, which takes as long as the disk does.</summary>
    public PreparedBlob Prepare(ReadOnlyMemory<byte> content)
    {
        var blob = new PreparedBlob(database.NextId(), content, SHA256.HashData(content.Span), content.Length > LargestRow);
        if (blob.IsFile) files.Write(blob.Id, content.Span);
        return blob;
    }

    /// <summary>Lets go of a blob that will not be stored after all; without this its file waits for the sweep.</summary>
    public void Discard(PreparedBlob blob)
    {
        if (blob.IsFile && !blob.IsStored) files.Delete(blob.Id);
    }

    /// <summary>Adds references to the blob, storing it with the first. In a write transaction, always the same one for one blob.</summary>
    public void Put(Sql sql, PreparedBlob blob, int references = 1)
    {
        if (blob.IsStored)
        {
            AddReferences(sql, blob.Id, references);
            return;
        }
        // The sweep deletes in a write transaction too, so what is seen here stays.
        if (blob.IsFile && !files.Exists(blob.Id)) throw new IOException($"The file of blob {blob.Id:x16} is gone; the message must be sent again.");
        // Not by "?:": null would there become empty octets.
        ReadOnlyMemory<byte>? data = null;
        if (!blob.IsFile) data = blob.Content;
        sql.Execute($"""
            insert into blobs (id, references_held, size, sha256, data)
            values ({blob.Id}, {references}, {blob.Content.Length}, {blob.Sha256}, {data})
            """);
        blob.IsStored = true;
    }

    /// <summary>Adds references to a blob stored before.</summary>
    public void AddReferences(Sql sql, long id, int references = 1)
    {
        if (sql.Execute($"update blobs set references_held = references_held + {references} where id = {id}") == 0)
            throw new InvalidOperationException($"There is no blob {id:x16} to refer to.");
    }

    /// <summary>Gives up references; with the last the blob goes, its file after the commit.</summary>
    public void Release(Sql sql, long id, int references = 1)
    {
        var (held, isFile) = sql.First($"select references_held, data is null from blobs where id = {id}", row => (row.GetInt32(0), row.GetBoolean(1)));
        if (held > references)
        {
            sql.Execute($"update blobs set references_held = references_held - {references} where id = {id}");
            return;
        }
        sql.Execute($"delete from blobs where id = {id}");
        // Not on the writer thread: removing a large file takes a while.
        if (isFile) sql.AfterCommit(() => ThreadPool.UnsafeQueueUserWorkItem(_ => files.Delete(id), null));
    }

    /// <summary>The octets behind <paramref name="prefix"/>, in one array; null where the blob is gone.</summary>
    public byte[]? Read(Sql sql, long id, ReadOnlySpan<byte> prefix = default)
    {
        var (size, data) = sql.First($"select size, data from blobs where id = {id}", row => (row.GetInt64(0), row.IsDBNull(1) ? null : row.GetFieldValue<byte[]>(1)));
        if (data is null && size == 0) return null;
        if (data is not null && data.Length != size) throw new IOException($"Blob {id:x16} has {data.Length} octets of {size}.");
        if (data is not null && prefix.IsEmpty) return data;
        var whole = new byte[prefix.Length + size];
        prefix.CopyTo(whole);
        var content = whole.AsSpan(prefix.Length);
        if (data is not null) data.CopyTo(content);
        // Gone since this snapshot: the last reference was given up meanwhile.
        else if (!files.Read(id, content)) return null;
        return whole;
    }

    /// <summary>Some of the octets, as many as there are from <paramref name="offset"/> up to <paramref name="length"/>; null where the blob is gone. Of a file no more is read.</summary>
    public byte[]? ReadSlice(Sql sql, long id, long offset, int length)
    {
        var (size, isFile) = sql.First($"select size, data is null from blobs where id = {id}", row => (row.GetInt64(0), row.GetBoolean(1)));
        var slice = new byte[Math.Clamp(size - offset, 0, length)];
        if (isFile) return files.Read(id, slice, offset) ? slice : null;
        if (Read(sql, id) is not { } whole) return null;
        if (slice.Length > 0) whole.AsSpan((int)offset, slice.Length).CopyTo(slice);
        return slice;
    }

    /// <summary>Reads every content and compares it with its length and digest. Answers how many there are and what is wrong, a sentence each.</summary>
    public async Task<(long Contents, IReadOnlyList<string> Wrong)> VerifyAsync(IProgress<string> progress, CancellationToken cancellation)
    {
        const int Together = 200;
        var (read, last, wrong) = (0L, long.MinValue, new List<string>());
        while (true)
        {
            var ids = await database.ReadAsync(sql => sql.Query($"select id from blobs where id > {last} order by id limit {Together}", row => row.GetInt64(0)), cancellation).ConfigureAwait(false);
            if (ids.Count == 0) return (read, wrong);
            foreach (var id in ids)
            {
                if (await database.ReadAsync(sql => Problem(sql, id), cancellation).ConfigureAwait(false) is { } problem) wrong.Add(problem);
                read++;
            }
            last = ids[^1];
            progress.Report($"Reading contents: {read}");
        }
    }

    private string? Problem(Sql sql, long id)
    {
        var sha256 = sql.First($"select sha256 from blobs where id = {id}", row => row.GetFieldValue<byte[]>(0));
        // Given up since the list was made.
        if (sha256 is null) return null;
        try
        {
            if (Read(sql, id) is not { } content) return HasRow(sql, id) ? $"The content {id:x16} is missing: its file {files.PathOf(id)} is gone." : null;
            return SHA256.HashData(content).AsSpan().SequenceEqual(sha256) ? null : $"The content {id:x16} is not as it was stored.";
        }
        catch (IOException broken)
        {
            return $"The content {id:x16} cannot be read: {broken.Message}";
        }
    }

    /// <summary>Deletes files that no row refers to and that are too old to be on their way into one. Answers how many.</summary>
    internal async Task<int> SweepAsync(TimeSpan grace, CancellationToken cancellation)
    {
        var swept = 0;
        foreach (var orphans in files.OlderThan(grace).Chunk(500))
        {
            cancellation.ThrowIfCancellationRequested();
            var suspects = await database.ReadAsync(sql => orphans.Where(id => !HasRow(sql, id)).ToArray(), cancellation).ConfigureAwait(false);
            if (suspects.Length == 0) continue;
            swept += await database.WriteAsync(
                sql =>
                {
                    var deleted = 0;
                    foreach (var id in suspects.Where(id => !HasRow(sql, id)))
                    {
                        files.Delete(id);
                        deleted++;
                    }
                    return deleted;
                },
                cancellation).ConfigureAwait(false);
        }
        return swept;
    }

    private static bool HasRow(Sql sql, long id) => sql.First($"select id from blobs where id = {id}", row => row.GetInt64(0)) != 0;
}
