using Sternpost.Storage;

namespace Sternpost.Mailboxes;

/// <summary>
/// What must be true of the store after every commit, as queries that find what is not. Tests run them whenever they close a
/// store, and <c>verify</c> does; they read every row, so nothing in service does.
/// </summary>
public static class StoreInvariants
{
    /// <summary>One line for each thing that is wrong; empty where the store is sound.</summary>
    public static IReadOnlyList<string> Check(Sql sql)
    {
        var wrong = new List<string>();
        Find("counters of mailbox", sql.Query(
            $"""
            select m.id from mailboxes m left join
                (select mailbox_id, count(*) as total, sum(case when (flags & 1) = 0 then 1 else 0 end) as unseen,
                        sum(case when (flags & 8) <> 0 then 1 else 0 end) as deleted, sum(size) as bytes from entries group by mailbox_id) e
                on e.mailbox_id = m.id
            where m.total <> coalesce(e.total, 0) or m.unseen <> coalesce(e.unseen, 0) or m.deleted <> coalesce(e.deleted, 0) or m.bytes <> coalesce(e.bytes, 0)
            """, row => row.GetInt64(0)));
        Find("uid_next not above every uid in mailbox", sql.Query(
            $"select distinct m.id from mailboxes m join entries e on e.mailbox_id = m.id where e.uid >= m.uid_next or e.uid < 1", row => row.GetInt64(0)));
        Find("uid_next not above every tombstone in mailbox", sql.Query(
            $"select distinct m.id from mailboxes m join tombstones t on t.mailbox_id = m.id where t.uid >= m.uid_next", row => row.GetInt64(0)));
        Find("modseq above the highest in mailbox", sql.Query(
            $"""
            select m.id from mailboxes m where exists (select 1 from entries e where e.mailbox_id = m.id and e.modseq > m.highest_modseq)
                or exists (select 1 from tombstones t where t.mailbox_id = m.id and t.modseq > m.highest_modseq)
            """, row => row.GetInt64(0)));
        Find("added_modseq not rising with the uid, or above modseq, in mailbox", sql.Query(
            $"""
            select mailbox_id from (select mailbox_id, modseq, added_modseq, lag(added_modseq, 1, 0) over (partition by mailbox_id order by uid) as before from entries) e
            where added_modseq < before or added_modseq > modseq
            """, row => row.GetInt64(0)));
        Find("uid both present and gone in mailbox", sql.Query(
            $"select e.mailbox_id from entries e join tombstones t on t.mailbox_id = e.mailbox_id and t.uid = e.uid", row => row.GetInt64(0)));
        Find("entry in no mailbox, or of no email of its mailbox's account, or of another size: email", sql.Query(
            $"""
            select e.email_id from entries e left join mailboxes m on m.id = e.mailbox_id left join emails x on x.id = e.email_id
            where m.id is null or x.id is null or x.account_id <> m.account_id or x.size <> e.size
            """, row => row.GetInt64(0)));
        Find("copies of email", sql.Query(
            $"select x.id from emails x where x.copies < 1 or x.copies <> (select count(*) from entries e where e.email_id = x.id)", row => row.GetInt64(0)));
        Find("size of email", sql.Query(
            $"select x.id from emails x join blobs b on b.id = x.blob_id where x.size <> b.size + length(x.prefix)", row => row.GetInt64(0)));
        Find("references of blob", sql.Query(
            $"""
            select b.id from blobs b left join
                (select blob_id, count(*) as held from (select blob_id from emails union all select blob_id from queue_messages union all select blob_id from quarantine union all select blob_id from jmap_uploads union all select blob_id from jmap_submissions where blob_id is not null) r group by blob_id) h
                on h.blob_id = b.id
            where b.references_held <> coalesce(h.held, 0) or b.references_held < 1
            """, row => row.GetInt64(0)));
        Find("email or queued message without blob", sql.Query(
            $"select r.id from (select id, blob_id from emails union all select id, blob_id from queue_messages union all select id, blob_id from quarantine) r left join blobs b on b.id = r.blob_id where b.id is null", row => row.GetInt64(0)));
        Find("used_bytes of account", sql.Query(
            $"select a.id from accounts a where a.used_bytes <> (select coalesce(sum(m.bytes), 0) from mailboxes m where m.account_id = a.id)", row => row.GetInt64(0)));
        Find("places of one email in several threads: email", sql.Query(
            $"select email_id from entries group by email_id having min(thread_id) <> max(thread_id)", row => row.GetInt64(0)));
        Find("email whose last row in the log does not say whether it can be seen", sql.Query(
            $"""
            select c.email_id from account_changes c join
                (select account_id, email_id, max(seq) as seq from account_changes where email_id <> 0 group by account_id, email_id) l on l.account_id = c.account_id and l.seq = c.seq
            where ((c.what & 4) <> 0) = exists (select 1 from entries e where e.email_id = c.email_id and (e.flags & 8) = 0)
            """, row => row.GetInt64(0)));
        Find("UIDVALIDITY above the last given out in mailbox", sql.Query(
            $"select m.id from mailboxes m left join mailbox_accounts a on a.account_id = m.account_id where a.account_id is null or m.uid_validity > a.uid_validity", row => row.GetInt64(0)));
        return wrong;

        void Find(string what, List<long> ids)
        {
            foreach (var id in ids) wrong.Add($"{what} {id}");
        }
    }
}
