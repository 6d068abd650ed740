using Sternpost.Mailboxes.Rows;
using Sternpost.Storage;

namespace Sternpost.Mailboxes;

/// <summary>
/// A store that was taken back to an earlier moment. Clients may have seen what came after it: uids and modseqs that the server would now give a second
/// time to other things. Everything is moved past what can have been given, so that clients keep what they have, learn that all of it may
/// have changed, and take no new message for a lost one.
/// </summary>
public static class RestoredStore
{
    // More messages than one mailbox receives between two backups; uids have 32 bits (RFC 9051 §2.3.1.1), so a thousand restorations fit.
    private const int UidsPassed = 1_000_000;

    // RFC 7162 §3.1: modseqs have 63 bits.
    private const long ModSeqsPassed = 1L << 33;

    /// <summary>Moves every mailbox and the log of every account on. Before the store is used; answers how many mailboxes there are.</summary>
    public static ValueTask<int> MoveOnAsync(Database database, CancellationToken cancellation) => database.WriteAsync(
        sql =>
        {
            // RFC 7162 §3.2.10.2: of what vanished since a modseq that is forgotten, the server says all that is not there.
            var mailboxes = sql.Execute($"""
                update mailboxes set uid_next = uid_next + {UidsPassed}, highest_modseq = highest_modseq + {ModSeqsPassed}, forgotten_modseq = highest_modseq + {ModSeqsPassed}
                """);
            sql.Execute($"update entries set modseq = (select highest_modseq from mailboxes where id = mailbox_id)");
            sql.Execute($"delete from tombstones");
            foreach (var account in sql.Query($"select account_id from mailbox_accounts", row => row.GetInt64(0))) AccountLog.Restart(sql, account, ModSeqsPassed);
            return mailboxes;
        },
        cancellation);
}
