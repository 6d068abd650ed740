using System.Collections.Immutable;
using Sternpost.Mailboxes.Changes;
using Sternpost.Mailboxes.Contents;
using Sternpost.Mailboxes.Rows;
using Sternpost.Storage;

namespace Sternpost.Mailboxes.Objects;

/// <summary>Changes of emails as objects, carried out on their places: each method is one transaction's work.</summary>
internal sealed class EmailWrites(Database database, MailboxContents contents, ChangeFeed feed)
{
    /// <summary>Adds an email to several mailboxes at once.</summary>
    internal (EmailOutcome Outcome, EmailFacts? Email) Add(Sql sql, long accountId, IReadOnlyCollection<long> mailboxIds, NewEmail email, PreparedEmail prepared)
    {
        if (Targets(sql, accountId, mailboxIds) is not { Count: > 0 } targets) return (EmailOutcome.BadMailboxes, null);
        var keywords = FlagChange.Join([], email.Keywords);
        if (!email.Keywords.IsDefault && keywords.Length < email.Keywords.Length) return (EmailOutcome.TooManyKeywords, null);
        var size = email.Prefix.Length + (long)email.Content.Length;
        if (!AccountRows.HasRoom(sql, accountId, size * targets.Count)) return (EmailOutcome.OverQuota, null);
        Entry? first = null;
        foreach (var target in targets)
        {
            var turn = MailboxRows.Take(sql, target.Id, 1, MailboxDelta.Of(email.Flags, size))!;
            var entry = new Entry(turn.FirstUid, 0, turn.ModSeq, email.Flags, keywords, email.InternalDate, size);
            if (first is null)
            {
                var id = contents.Add(sql, turn, accountId, turn.FirstUid, prepared, email.Prefix, entry);
                first = EntryRows.Those(sql, target.Id, [turn.FirstUid]).Single(added => added.EmailId == id);
            }
            else
            {
                Place(sql, accountId, turn, first, entry.Flags, keywords);
                EmailRows.AddCopy(sql, first.EmailId);
            }
            feed.Changed(sql, accountId, target.Id);
        }
        AccountRows.Use(sql, accountId, size * targets.Count);
        return (EmailOutcome.Ok, EmailFacts.From(EntryRows.OfEmail(sql, first!.EmailId)));
    }

    /// <summary>Changes one email; answers it as it was and as it is.</summary>
    internal (EmailOutcome Outcome, EmailFacts? Before, EmailFacts? After) Update(Sql sql, long accountId, EmailUpdate update)
    {
        var places = EntryRows.OfEmail(sql, update.EmailId);
        if (Visible(sql, accountId, places) is not { } before) return (EmailOutcome.NotFound, null, null);
        var wanted = update.Mailboxes is null ? before.Places.Select(place => place.MailboxId).ToHashSet() : [.. update.Mailboxes];
        wanted.UnionWith(update.Into);
        wanted.ExceptWith(update.OutOf);
        if (wanted.Count == 0 || Targets(sql, accountId, [.. wanted]) is not { } targets) return (EmailOutcome.BadMailboxes, null, null);

        if (!Fits(update, before)) return (EmailOutcome.TooManyKeywords, null, null);

        // A place flagged \Deleted is no place of the object; one that is wanted again takes its flag off instead of a second copy.
        var fresh = targets.Where(target => !before.IsIn(target.Id)).ToList();
        var leaving = places.Where(place => !place.Entry.Flags.HasFlag(MessageFlags.Deleted) && !wanted.Contains(place.MailboxId)).ToList();
        if (!AccountRows.HasRoom(sql, accountId, before.Size * (fresh.Count - leaving.Count)) && fresh.Count > leaving.Count) return (EmailOutcome.OverQuota, null, null);

        var model = places.Find(place => !place.Entry.Flags.HasFlag(MessageFlags.Deleted)).Entry;
        foreach (var target in fresh)
        {
            var turn = MailboxRows.Take(sql, target.Id, 1, MailboxDelta.Of(before.Flags, before.Size))!;
            Place(sql, accountId, turn, model, before.Flags, before.Keywords);
            EmailRows.AddCopy(sql, update.EmailId);
            AccountRows.Use(sql, accountId, before.Size);
            feed.Changed(sql, accountId, target.Id);
        }
        foreach (var (mailboxId, entry) in leaving)
        {
            if (MailboxRows.Find(sql, mailboxId) is { } source) contents.Remove(sql, source, [entry]);
        }
        foreach (var (operation, flags, keywords) in update.Keywords)
        {
            var change = new FlagChange(operation, flags, keywords, null);
            foreach (var (mailboxId, entry) in EntryRows.OfEmail(sql, update.EmailId))
            {
                if (!entry.Flags.HasFlag(MessageFlags.Deleted)) change.Run(sql, feed, mailboxId, [entry.Uid]);
            }
        }
        return (EmailOutcome.Ok, before, EmailFacts.From(EntryRows.OfEmail(sql, update.EmailId)));
    }

    /// <summary>Removes an email from everywhere, places flagged \Deleted too.</summary>
    internal bool Destroy(Sql sql, long accountId, long emailId)
    {
        var places = EntryRows.OfEmail(sql, emailId);
        if (Visible(sql, accountId, places) is null) return false;
        foreach (var (mailboxId, entry) in places)
        {
            if (MailboxRows.Find(sql, mailboxId) is { } mailbox) contents.Remove(sql, mailbox, [entry]);
        }
        return true;
    }

    private static bool Fits(EmailUpdate update, EmailFacts before)
    {
        var keywords = before.Keywords;
        foreach (var (operation, _, changed) in update.Keywords)
        {
            if (operation == FlagOperation.Remove) continue;
            var all = (operation == FlagOperation.Add ? keywords.AddRange(changed) : changed).Distinct(StringComparer.OrdinalIgnoreCase).ToImmutableArray();
            if (all.Length > FlagChange.MaxKeywords) return false;
            keywords = all;
        }
        return true;
    }

    // Null also where the email is another account's.
    private static EmailFacts? Visible(Sql sql, long accountId, List<(long MailboxId, Entry Entry)> places) =>
        places.Count > 0 && MailboxRows.Find(sql, places[0].MailboxId)?.AccountId == accountId ? EmailFacts.From(places) : null;

    // The mailboxes, or null where one of them is not the account's.
    private static List<Mailbox>? Targets(Sql sql, long accountId, IReadOnlyCollection<long> ids)
    {
        var targets = new List<Mailbox>(ids.Count);
        foreach (var id in ids)
        {
            if (MailboxRows.Find(sql, id) is not { } mailbox || mailbox.AccountId != accountId) return null;
            targets.Add(mailbox);
        }
        return targets;
    }

    private static void Place(Sql sql, long accountId, MailboxTurn turn, Entry model, MessageFlags flags, ImmutableArray<string> keywords)
    {
        var entry = model with { Uid = turn.FirstUid, ModSeq = turn.ModSeq, Flags = flags, Keywords = keywords };
        EntryRows.Insert(sql, turn.MailboxId, entry);
        AccountLog.Note(sql, accountId, turn.MailboxId, entry, Happened.Updated | Happened.Counts);
    }
}
