using System.Collections.Immutable;
using System.Data.Common;
using Sternpost.Storage;

namespace Sternpost.Mailboxes.Rows;

/// <summary>The statements on entries.</summary>
internal static class EntryRows
{
    internal static List<Entry> All(Sql sql, long mailboxId) => sql.Query(
        $"select uid, email_id, modseq, flags, keywords, internal_date, size, thread_id from entries where mailbox_id = {mailboxId} order by uid", Row);

    internal static List<Entry> First(Sql sql, long mailboxId, int limit) => sql.Query(
        $"select uid, email_id, modseq, flags, keywords, internal_date, size, thread_id from entries where mailbox_id = {mailboxId} order by uid limit {limit}", Row);

    internal static List<uint> Deleted(Sql sql, long mailboxId) => sql.Query(
        $"select uid from entries where mailbox_id = {mailboxId} and (flags & {(long)MessageFlags.Deleted}) <> 0 order by uid", row => (uint)row.GetInt64(0));

    /// <summary>Those of <paramref name="uids"/> that exist, by uid.</summary>
    internal static List<Entry> Those(Sql sql, long mailboxId, IReadOnlyList<uint> uids)
    {
        if (uids.Count == 0) return [];
        var wanted = new SortedSet<uint>(uids);
        // Uids close together are one range of the table; scattered ones are found one by one.
        if (wanted.Max - (long)wanted.Min < 4L * wanted.Count)
        {
            var range = sql.Query(
                $"""
                select uid, email_id, modseq, flags, keywords, internal_date, size, thread_id from entries
                where mailbox_id = {mailboxId} and uid between {wanted.Min} and {wanted.Max} order by uid
                """, Row);
            if (range.Count > 0) range.RemoveAll(entry => !wanted.Contains(entry.Uid));
            return range;
        }
        var entries = new List<Entry>(wanted.Count);
        foreach (var uid in wanted)
        {
            var entry = sql.First(
                $"select uid, email_id, modseq, flags, keywords, internal_date, size, thread_id from entries where mailbox_id = {mailboxId} and uid = {uid}", Row);
            if (entry is not null) entries.Add(entry);
        }
        return entries;
    }

    /// <summary>Those added or changed after <paramref name="modSeq"/>, by uid. Costs what it finds, however large the mailbox.</summary>
    internal static List<Entry> ChangedSince(Sql sql, long mailboxId, long modSeq)
    {
        var changed = sql.Query(
            $"""
            select uid, email_id, modseq, flags, keywords, internal_date, size, thread_id from entries
            where mailbox_id = {mailboxId} and modseq > {modSeq} and modseq <> added_modseq and added_modseq <= {modSeq}
            """, Row);
        changed.Sort((one, other) => one.Uid.CompareTo(other.Uid));
        changed.AddRange(AddedSince(sql, mailboxId, modSeq));
        return changed;
    }

    // Read from the end, piece by piece, until one that was there before: every uid added since is above all of those.
    private static List<Entry> AddedSince(Sql sql, long mailboxId, long modSeq)
    {
        const int size = 100;
        var added = new List<Entry>();
        for (var piece = size; piece == size;)
        {
            var below = added.Count == 0 ? long.MaxValue : added[^1].Uid;
            var read = sql.Query(
                $"""
                select uid, email_id, modseq, flags, keywords, internal_date, size, thread_id, added_modseq from entries
                where mailbox_id = {mailboxId} and uid < {below} order by uid desc limit {size}
                """, row => (Entry: Row(row), Added: row.GetInt64(8)));
            piece = 0;
            while (piece < read.Count && read[piece].Added > modSeq) added.Add(read[piece++].Entry);
        }
        added.Reverse();
        return added;
    }

    internal static void Insert(Sql sql, long mailboxId, Entry entry) => sql.Execute(
        $"""
        insert into entries (mailbox_id, uid, email_id, added_modseq, modseq, flags, keywords, internal_date, size, thread_id)
        values ({mailboxId}, {entry.Uid}, {entry.EmailId}, {entry.ModSeq}, {entry.ModSeq}, {(long)entry.Flags}, {Text(entry.Keywords)}, {entry.InternalDate.ToUnixTimeMilliseconds()}, {entry.Size}, {entry.ThreadId})
        """);

    internal static void SetFlags(Sql sql, long mailboxId, Entry entry) => sql.Execute(
        $"""
        update entries set flags = {(long)entry.Flags}, keywords = {Text(entry.Keywords)}, modseq = {entry.ModSeq}
        where mailbox_id = {mailboxId} and uid = {entry.Uid}
        """);

    internal static void Delete(Sql sql, long mailboxId, uint uid) => sql.Execute($"delete from entries where mailbox_id = {mailboxId} and uid = {uid}");

    /// <summary>Every place that shows an email.</summary>
    internal static List<(long MailboxId, Entry Entry)> OfEmail(Sql sql, long emailId) => sql.Query(
        $"select uid, email_id, modseq, flags, keywords, internal_date, size, thread_id, mailbox_id from entries where email_id = {emailId}", row => (row.GetInt64(8), Row(row)));

    /// <summary>Whether an email can be seen in another place than this one, \Deleted there not counted.</summary>
    internal static bool IsSeenElsewhere(Sql sql, long emailId, long mailboxId, uint uid) => sql.First(
        $"""
        select 1 from entries where email_id = {emailId} and (flags & {(long)MessageFlags.Deleted}) = 0 and not (mailbox_id = {mailboxId} and uid = {uid}) limit 1
        """, row => row.GetInt32(0)) != 0;

    internal static List<uint> Uids(Sql sql, long mailboxId) =>
        sql.Query($"select uid from entries where mailbox_id = {mailboxId} order by uid", row => (uint)row.GetInt64(0));

    private static Entry Row(DbDataReader row) => new(
        (uint)row.GetInt64(0),
        row.GetInt64(1),
        row.GetInt64(2),
        (MessageFlags)row.GetInt32(3),
        Keywords(row.GetString(4)),
        DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(5)),
        row.GetInt64(6))
    {
        ThreadId = row.GetInt64(7),
    };

    private static string Text(ImmutableArray<string> keywords) => keywords.IsDefaultOrEmpty ? "" : string.Join(' ', keywords);

    private static ImmutableArray<string> Keywords(string text) => text.Length == 0 ? [] : [.. text.Split(' ')];
}
