using System.Collections.Immutable;
using Sternpost.Mailboxes.Changes;
using Sternpost.Mailboxes.Rows;
using Sternpost.Storage;

namespace Sternpost.Mailboxes.Contents;

/// <summary>One STORE: what becomes of an entry's flags, and the transaction that makes it so.</summary>
internal sealed record FlagChange(FlagOperation Operation, MessageFlags Flags, ImmutableArray<string> Keywords, long? UnchangedSince)
{
    /// <summary>An entry carries no more keywords than this; what exceeds it is left out.</summary>
    internal const int MaxKeywords = 64;

    internal (List<Entry> Entries, List<uint> Modified) Run(Sql sql, ChangeFeed feed, long mailboxId, IReadOnlyList<uint> uids)
    {
        var modified = new List<uint>();
        if (MailboxRows.Find(sql, mailboxId) is not { } mailbox) return ([], modified);
        var entries = EntryRows.Those(sql, mailboxId, uids);
        var delta = default(MailboxDelta);
        var changed = new List<int>();
        var flagsBefore = new List<MessageFlags>();
        for (var i = entries.Count - 1; i >= 0; i--)
        {
            var before = entries[i];
            // RFC 7162 §3.1.3: the condition is on the modseq, whether or not the flags would come out the same.
            if (before.ModSeq > UnchangedSince)
            {
                modified.Add(before.Uid);
                entries.RemoveAt(i);
                for (var j = 0; j < changed.Count; j++) changed[j]--;
                continue;
            }
            var after = Apply(before);
            if (after.Flags == before.Flags && after.Keywords.SequenceEqual(before.Keywords)) continue;
            delta = delta.Plus(MailboxDelta.Of(after.Flags, 0)).Plus(MailboxDelta.Of(before.Flags, 0).Negated);
            entries[i] = after;
            changed.Add(i);
            flagsBefore.Add(before.Flags);
        }
        modified.Reverse();
        if (changed.Count == 0) return (entries, modified);
        var turn = MailboxRows.Take(sql, mailboxId, 0, delta)!;
        foreach (var (i, flags) in changed.Zip(flagsBefore))
        {
            entries[i] = entries[i] with { ModSeq = turn.ModSeq };
            EntryRows.SetFlags(sql, mailboxId, entries[i]);
            if (What(sql, mailboxId, flags, entries[i]) is var what and not Happened.None) AccountLog.Note(sql, mailbox.AccountId, mailboxId, entries[i], what);
        }
        feed.Changed(sql, mailbox.AccountId, mailboxId);
        return (entries, modified);
    }

    // For the account's log, where \Deleted is as good as gone (RFC 8621 §4.1.1).
    private static Happened What(Sql sql, long mailboxId, MessageFlags before, Entry after)
    {
        var (was, gone) = (before.HasFlag(MessageFlags.Deleted), after.Flags.HasFlag(MessageFlags.Deleted));
        if (was && gone) return Happened.None;
        if (was != gone)
        {
            if (EntryRows.IsSeenElsewhere(sql, after.EmailId, mailboxId, after.Uid)) return Happened.Updated | Happened.Counts;
            return (gone ? Happened.Destroyed : Happened.Created) | Happened.Counts;
        }
        const MessageFlags counted = MessageFlags.Seen | MessageFlags.Draft;
        return (before & counted) == (after.Flags & counted) ? Happened.Updated : Happened.Updated | Happened.Counts;
    }

    internal Entry Apply(Entry entry) => Operation switch
    {
        FlagOperation.Replace => entry with { Flags = Flags, Keywords = Join([], Keywords) },
        FlagOperation.Add => entry with { Flags = entry.Flags | Flags, Keywords = Join(entry.Keywords, Keywords) },
        _ => entry with
        {
            Flags = entry.Flags & ~Flags,
            Keywords = Keywords.IsDefaultOrEmpty ? entry.Keywords : entry.Keywords.RemoveRange(Keywords, StringComparer.OrdinalIgnoreCase),
        },
    };

    /// <summary>The keywords of both, each once without regard to case (RFC 9051 §2.3.2).</summary>
    internal static ImmutableArray<string> Join(ImmutableArray<string> some, ImmutableArray<string> more)
    {
        if (more.IsDefaultOrEmpty) return some;
        var joined = some;
        foreach (var keyword in more)
        {
            if (joined.Length < MaxKeywords && !joined.Contains(keyword, StringComparer.OrdinalIgnoreCase)) joined = joined.Add(keyword);
        }
        return joined;
    }
}
