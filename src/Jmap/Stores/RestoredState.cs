using Sternpost.Accounts.Contacts;
using Sternpost.Storage;

namespace Sternpost.Jmap.Stores;

/// <summary>What is JMAP's own after everything was taken back to an earlier moment (<see cref="Mailboxes.RestoredStore"/> does the same for mail).</summary>
public static class RestoredState
{
    // Above every state a client can have been given.
    private const long StatesPassed = 1L << 33;

    /// <summary>
    /// Gives every account states that no client has seen, so that all is read anew (RFC 8620 §5.2), and takes back what waits for a time that is
    /// over: it may have been sent after the backup. Before the server runs; answers how many messages were taken back.
    /// </summary>
    public static ValueTask<int> MoveOnAsync(Database database, DateTimeOffset now, CancellationToken cancellation) => database.WriteAsync(
        sql =>
        {
            var accounts = sql.Query($"select id from accounts", row => row.GetInt64(0));
            foreach (var kind in Enum.GetValues<CountedKind>())
            {
                foreach (var account in accounts)
                {
                    var state = ChangeCounter.State(sql, account, kind) + StatesPassed;
                    sql.Execute($"delete from jmap_changes where account_id = {account} and kind = {(long)kind}");
                    // A row about nothing, which the state is the number of.
                    sql.Execute($"insert into jmap_changes (account_id, kind, seq, object_id, what) values ({account}, {(long)kind}, {state}, 0, {(long)CountedChange.Updated})");
                }
            }
            ContactCards.MoveOn(sql, StatesPassed);
            sql.Execute($"update vacation_responses set version = version + {StatesPassed}");
            var past = sql.Query(
                $"select id, blob_id from jmap_submissions where undo_status in ({(long)SubmissionStage.Pending}, {(long)SubmissionStage.Leaving}) and send_at <= {now.ToUnixTimeMilliseconds()}",
                row => (Id: row.GetInt64(0), Blob: row.IsDBNull(1) ? (long?)null : row.GetInt64(1)));
            foreach (var (id, blob) in past)
            {
                if (blob is { } held) database.Blobs.Release(sql, held);
                sql.Execute($"update jmap_submissions set undo_status = {(long)SubmissionStage.Canceled}, blob_id = null where id = {id}");
            }
            return past.Count;
        },
        cancellation);
}
