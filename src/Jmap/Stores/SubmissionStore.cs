using Sternpost.Storage;

namespace Sternpost.Jmap.Stores;

/// <summary>Where a submission stands.</summary>
internal enum SubmissionStage
{
    /// <summary>Waits for its time; may be cancelled.</summary>
    Pending = 0,
    /// <summary>Handed over, or refused at its time.</summary>
    Final = 1,
    /// <summary>Cancelled in time.</summary>
    Canceled = 2,
    /// <summary>Being handed over. Found after a crash it is handed over again: twice is better than never.</summary>
    Leaving = 3,
}

/// <summary>A message handed over for sending (RFC 8621 §7). Envelope and delivery status are JSON.</summary>
internal sealed record StoredSubmission(
    long Id, long IdentityId, long EmailId, long ThreadId, string Envelope, DateTimeOffset SendAt, SubmissionStage Stage, string? DeliveryStatus, string? QueueId, long? BlobId);

/// <summary>The submissions of accounts. One that waits holds the message's octets, which its email may lose meanwhile.</summary>
internal sealed class SubmissionStore(Database database)
{
    internal long NewId() => database.NextId();

    internal PreparedBlob Prepare(ReadOnlyMemory<byte> content) => database.Blobs.Prepare(content);

    internal static List<StoredSubmission> Of(Sql sql, long accountId) => sql.Query(
        $"select id, identity_id, email_id, thread_id, envelope, send_at, undo_status, delivery_status, queue_id, blob_id from jmap_submissions where account_id = {accountId} order by id", Row);

    internal static StoredSubmission? Find(Sql sql, long accountId, long id) => sql.First(
        $"select id, identity_id, email_id, thread_id, envelope, send_at, undo_status, delivery_status, queue_id, blob_id from jmap_submissions where id = {id} and account_id = {accountId}", Row);

    internal void Add(Sql sql, long accountId, StoredSubmission item, PreparedBlob? waiting)
    {
        if (waiting is not null) database.Blobs.Put(sql, waiting);
        sql.Execute($"""
            insert into jmap_submissions (id, account_id, identity_id, email_id, thread_id, envelope, send_at, undo_status, delivery_status, queue_id, blob_id)
            values ({item.Id}, {accountId}, {item.IdentityId}, {item.EmailId}, {item.ThreadId}, {item.Envelope}, {item.SendAt.ToUnixTimeMilliseconds()}, {(long)item.Stage}, {item.DeliveryStatus}, {item.QueueId}, {waiting?.Id})
            """);
        ChangeCounter.Note(sql, accountId, CountedKind.Submission, item.Id, CountedChange.Created);
    }

    internal void Settle(Sql sql, long accountId, StoredSubmission item, SubmissionStage stage, string? deliveryStatus, string? queueId)
    {
        if (item.BlobId is { } blob) database.Blobs.Release(sql, blob);
        sql.Execute($"update jmap_submissions set undo_status = {(long)stage}, delivery_status = {deliveryStatus}, queue_id = {queueId}, blob_id = null where id = {item.Id}");
        ChangeCounter.Note(sql, accountId, CountedKind.Submission, item.Id, CountedChange.Updated);
    }

    internal void Delete(Sql sql, long accountId, StoredSubmission item)
    {
        if (item.BlobId is { } blob) database.Blobs.Release(sql, blob);
        sql.Execute($"delete from jmap_submissions where id = {item.Id}");
        ChangeCounter.Note(sql, accountId, CountedKind.Submission, item.Id, CountedChange.Destroyed);
    }

    /// <summary>Takes a submission that is due, so that it can be cancelled no more; null where none is.</summary>
    internal ValueTask<(long AccountId, StoredSubmission Item, ReadOnlyMemory<byte> Content)?> TakeDueAsync(DateTimeOffset now, CancellationToken cancellation) => database.WriteAsync<(long, StoredSubmission, ReadOnlyMemory<byte>)?>(
        sql =>
        {
            var (id, account) = sql.First($"select id, account_id from jmap_submissions where undo_status = 0 and send_at <= {now.ToUnixTimeMilliseconds()} order by send_at limit 1", row => (row.GetInt64(0), row.GetInt64(1)));
            if (id == 0) return null;
            sql.Execute($"update jmap_submissions set undo_status = {(long)SubmissionStage.Leaving} where id = {id}");
            var item = Find(sql, account, id)!;
            return (account, item, item.BlobId is { } blob ? database.Blobs.Read(sql, blob) : null);
        },
        cancellation);

    /// <summary>When the next one is due; null where none waits.</summary>
    internal ValueTask<DateTimeOffset?> NextAsync(CancellationToken cancellation) => database.ReadAsync<DateTimeOffset?>(
        sql => sql.First($"select min(send_at) from jmap_submissions where undo_status = 0", row => row.IsDBNull(0) ? (DateTimeOffset?)null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(0))),
        cancellation);

    /// <summary>What was being handed over when the process died waits again.</summary>
    internal async ValueTask RecoverAsync(CancellationToken cancellation) =>
        await database.WriteAsync(sql => sql.Execute($"update jmap_submissions set undo_status = 0 where undo_status = {(long)SubmissionStage.Leaving}"), cancellation).ConfigureAwait(false);

    internal void RemoveAccount(Sql sql, long accountId)
    {
        foreach (var blob in sql.Query($"select blob_id from jmap_submissions where account_id = {accountId} and blob_id is not null", row => row.GetInt64(0))) database.Blobs.Release(sql, blob);
        sql.Execute($"delete from jmap_submissions where account_id = {accountId}");
    }

    private static StoredSubmission Row(System.Data.Common.DbDataReader row) => new(
        row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetString(4), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(5)), (SubmissionStage)row.GetInt32(6),
        row.IsDBNull(7) ? null : row.GetString(7), row.IsDBNull(8) ? null : row.GetString(8), row.IsDBNull(9) ? null : row.GetInt64(9));
}
