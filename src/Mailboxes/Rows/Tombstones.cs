using Sternpost.Storage;

namespace Sternpost.Mailboxes.Rows;

/// <summary>
/// The uids that are gone, so that a client learns of them from any modseq on (RFC 7162 §3.2.10). A mailbox keeps the last ten
/// thousand and some; who asks further back is told every uid that is not there, as that section allows.
/// </summary>
internal static class Tombstones
{
    internal const int Kept = 10_000;
    private const int LooksEvery = 128;

    internal static void Add(Sql sql, long mailboxId, uint uid, long modSeq) =>
        sql.Execute($"insert into tombstones (mailbox_id, modseq, uid) values ({mailboxId}, {modSeq}, {uid})");

    /// <summary>After a change that buried something: forgets what is too old, looking whether there is anything only now and then.</summary>
    internal static void Forget(Sql sql, long mailboxId, long modSeq)
    {
        if (modSeq % LooksEvery != 0) return;
        var oldest = sql.First(
            $"select modseq from tombstones where mailbox_id = {mailboxId} order by modseq desc limit 1 offset {(long)Kept}", row => (long?)row.GetInt64(0));
        if (oldest is not { } forgotten) return;
        sql.Execute($"delete from tombstones where mailbox_id = {mailboxId} and modseq <= {forgotten}");
        sql.Execute($"update mailboxes set forgotten_modseq = {forgotten} where id = {mailboxId}");
    }

    /// <summary>The uids gone since <paramref name="modSeq"/>, in order.</summary>
    internal static List<uint> Since(Sql sql, Mailbox mailbox, long modSeq)
    {
        if (modSeq < sql.First($"select forgotten_modseq from mailboxes where id = {mailbox.Id}", row => row.GetInt64(0))) return Missing(sql, mailbox);
        var gone = sql.Query($"select uid from tombstones where mailbox_id = {mailbox.Id} and modseq > {modSeq}", row => (uint)row.GetInt64(0));
        gone.Sort();
        return gone;
    }

    internal static void DeleteAll(Sql sql, long mailboxId) => sql.Execute($"delete from tombstones where mailbox_id = {mailboxId}");

    private static List<uint> Missing(Sql sql, Mailbox mailbox)
    {
        var missing = new List<uint>();
        var next = 1u;
        foreach (var uid in EntryRows.Uids(sql, mailbox.Id).Append(mailbox.UidNext))
        {
            for (; next < uid; next++) missing.Add(next);
            next = uid + 1;
        }
        return missing;
    }
}
