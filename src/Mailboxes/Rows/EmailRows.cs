using Sternpost.Messages.Structure;
using Sternpost.Storage;

namespace Sternpost.Mailboxes.Rows;

/// <summary>The statements on emails: what one account has of a message, however many of its mailboxes show it.</summary>
internal static class EmailRows
{
    internal static void Insert(Sql sql, long id, long accountId, PreparedEmail email, ReadOnlyMemory<byte> prefix, long size, DateTimeOffset received) => sql.Execute(
        $"""
        insert into emails (id, account_id, blob_id, copies, size, received, prefix, structure)
        values ({id}, {accountId}, {email.Blob.Id}, 1, {size}, {received.ToUnixTimeMilliseconds()}, {prefix}, {email.Structure})
        """);

    internal static void AddCopy(Sql sql, long id) => sql.Execute($"update emails set copies = copies + 1 where id = {id}");

    /// <summary>Gives up one copy; with the last the email goes, and its share of the blob.</summary>
    internal static void RemoveCopy(Sql sql, Blobs blobs, long id)
    {
        var (copies, blobId) = sql.First($"select copies, blob_id from emails where id = {id}", row => (row.GetInt32(0), row.GetInt64(1)));
        if (copies > 1)
        {
            sql.Execute($"update emails set copies = copies - 1 where id = {id}");
            return;
        }
        sql.Execute($"delete from emails where id = {id}");
        blobs.Release(sql, blobId);
    }

    internal static StoredEmail? Find(Sql sql, Blobs blobs, long id)
    {
        var found = sql.First(
            $"select account_id, blob_id, size, received, length(prefix), structure from emails where id = {id}",
            row => (AccountId: row.GetInt64(0), BlobId: row.GetInt64(1), Size: row.GetInt64(2), Received: row.GetInt64(3), Prefix: row.GetInt32(4), Structure: row.GetFieldValue<byte[]>(5)));
        if (found.Structure is null) return null;
        // A form this release does not know, or a damaged one, is made again from the content.
        var structure = MessageStructure.TryRead(found.Structure) ?? MessageStructure.Parse(blobs.Read(sql, found.BlobId));
        return new StoredEmail(id, found.AccountId, found.Size, DateTimeOffset.FromUnixTimeMilliseconds(found.Received), structure) { PrefixLength = found.Prefix };
    }

    internal static byte[]? Content(Sql sql, Blobs blobs, long id, long offset, int length)
    {
        var (blobId, prefix) = sql.First($"select blob_id, prefix from emails where id = {id}", row => (row.GetInt64(0), row.GetFieldValue<byte[]>(1)));
        if (prefix is null) return null;
        var head = prefix.AsSpan((int)Math.Min(offset, prefix.Length));
        if (head.Length > length) head = head[..length];
        var rest = blobs.ReadSlice(sql, blobId, Math.Max(0, offset - prefix.Length), length - head.Length);
        return rest is null ? null : head.IsEmpty ? rest : [.. head, .. rest];
    }

    internal static byte[]? Content(Sql sql, Blobs blobs, long id)
    {
        var (blobId, prefix) = sql.First($"select blob_id, prefix from emails where id = {id}", row => (row.GetInt64(0), row.GetFieldValue<byte[]>(1)));
        return prefix is null ? null : blobs.Read(sql, blobId, prefix);
    }
}
