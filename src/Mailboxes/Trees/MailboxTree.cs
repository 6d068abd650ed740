using Sternpost.Mailboxes.Changes;
using Sternpost.Mailboxes.Contents;
using Sternpost.Mailboxes.Names;
using Sternpost.Mailboxes.Rows;
using Sternpost.Storage;

namespace Sternpost.Mailboxes.Trees;

/// <summary>The mailboxes of an account as a tree: each method is one transaction's work.</summary>
internal sealed class MailboxTree(Database database, MailboxContents contents, ChangeFeed feed, TimeProvider time)
{
    /// <summary>Far beyond what people keep; it bounds what one account can make everybody's listings cost.</summary>
    internal const int MaxMailboxes = 5000;

    private static readonly (string Name, SpecialUse Use)[] Standard =
    [
        (MailboxName.Inbox, SpecialUse.Inbox),
        ("Drafts", SpecialUse.Drafts),
        ("Sent", SpecialUse.Sent),
        ("Junk", SpecialUse.Junk),
        ("Trash", SpecialUse.Trash),
        ("Archive", SpecialUse.Archive),
    ];

    /// <summary>Makes the standard mailboxes where the account has none yet; false where there is no such account.</summary>
    internal bool Ensure(Sql sql, long accountId)
    {
        if (AccountRows.IsKnown(sql, accountId)) return true;
        if (!AccountRows.Exists(sql, accountId)) return false;
        AccountRows.Insert(sql, accountId);
        foreach (var (text, use) in Standard)
        {
            if (MailboxName.TryParse(text, out var name)) Insert(sql, accountId, name.Value, use, subscribed: true);
        }
        return true;
    }

    internal MailboxOutcome Create(Sql sql, long accountId, MailboxName name, SpecialUse use)
    {
        if (!Ensure(sql, accountId)) return MailboxOutcome.NotFound;
        if (MailboxRows.Find(sql, accountId, name) is not null) return MailboxOutcome.Exists;
        if (use != SpecialUse.None && (use == SpecialUse.Inbox || MailboxRows.UseIsTaken(sql, accountId, use))) return MailboxOutcome.NotAllowed;
        if (!CreateParents(sql, accountId, name, room: 1)) return MailboxOutcome.NotAllowed;
        Insert(sql, accountId, name, use, subscribed: false);
        return MailboxOutcome.Ok;
    }

    internal MailboxOutcome Rename(Sql sql, long accountId, MailboxName from, MailboxName to)
    {
        if (!Ensure(sql, accountId) || MailboxRows.Find(sql, accountId, from) is not { } mailbox) return MailboxOutcome.NotFound;
        if (MailboxRows.Find(sql, accountId, to) is not null) return MailboxOutcome.Exists;
        if (mailbox.Use == SpecialUse.Inbox) return RenameInbox(sql, mailbox, to);
        if (to.IsBelow(from)) return MailboxOutcome.NotAllowed;

        var renamed = new List<(Mailbox Mailbox, MailboxName Name)> { (mailbox, to) };
        foreach (var child in MailboxRows.OfAccount(sql, accountId))
        {
            if (!MailboxName.TryParse(child.Name, out var name) || !name.Value.IsBelow(from)) continue;
            if (!MailboxName.TryParse(to.Text + child.Name[from.Text.Length..], out var target)) return MailboxOutcome.BadName;
            if (MailboxRows.Find(sql, accountId, target.Value) is not null) return MailboxOutcome.Exists;
            renamed.Add((child, target.Value));
        }
        if (!CreateParents(sql, accountId, to, room: 0)) return MailboxOutcome.NotAllowed;
        foreach (var (moved, name) in renamed)
        {
            // A new UIDVALIDITY, because the new name may have belonged to another mailbox with a greater one (RFC 9051 §2.3.1.1).
            MailboxRows.Rename(sql, moved.Id, name, AccountRows.NextUidValidity(sql, accountId, time.GetUtcNow()));
            if (LostSubscriptions.Take(sql, accountId, name)) MailboxRows.SetSubscribed(sql, moved.Id, subscribed: true);
            AccountLog.Note(sql, accountId, moved.Id, 0, 0, Happened.MailboxUpdated);
            feed.Changed(sql, accountId, moved.Id);
        }
        return MailboxOutcome.Ok;
    }

    /// <summary>Whether a mailbox may be deleted, and which it is. Its messages must go first.</summary>
    internal static (MailboxOutcome Outcome, Mailbox? Mailbox) MayDelete(Sql sql, long accountId, MailboxName name)
    {
        if (MailboxRows.Find(sql, accountId, name) is not { } mailbox) return (MailboxOutcome.NotFound, null);
        return mailbox.Use == SpecialUse.None ? (MailboxOutcome.Ok, mailbox) : (MailboxOutcome.NotAllowed, null);
    }

    internal void Delete(Sql sql, Mailbox mailbox)
    {
        MailboxRows.Delete(sql, mailbox.Id);
        // RFC 9051 §6.3.7: a name stays subscribed although its mailbox is gone.
        if (mailbox.Subscribed) LostSubscriptions.Keep(sql, mailbox.AccountId, mailbox.Name, MaxMailboxes);
        AccountLog.Note(sql, mailbox.AccountId, mailbox.Id, 0, 0, Happened.MailboxDestroyed);
        feed.Changed(sql, mailbox.AccountId, mailbox.Id);
    }

    internal MailboxOutcome Subscribe(Sql sql, long accountId, MailboxName name, bool subscribed)
    {
        if (!Ensure(sql, accountId)) return MailboxOutcome.NotFound;
        if (MailboxRows.Find(sql, accountId, name) is not { } mailbox)
        {
            return !subscribed && LostSubscriptions.Take(sql, accountId, name) ? MailboxOutcome.Ok : MailboxOutcome.NotFound;
        }
        MailboxRows.SetSubscribed(sql, mailbox.Id, subscribed);
        AccountLog.Note(sql, accountId, mailbox.Id, 0, 0, Happened.MailboxUpdated);
        feed.Changed(sql, accountId, mailbox.Id);
        return MailboxOutcome.Ok;
    }

    // RFC 9051 §6.3.6: the messages move to the new mailbox, INBOX stays and is empty, and what lies below it stays too.
    private MailboxOutcome RenameInbox(Sql sql, Mailbox inbox, MailboxName to)
    {
        if (!CreateParents(sql, inbox.AccountId, to, room: 1)) return MailboxOutcome.NotAllowed;
        var target = Insert(sql, inbox.AccountId, to, SpecialUse.None, subscribed: false);
        contents.MoveAll(sql, inbox, target);
        return MailboxOutcome.Ok;
    }

    // False where the account would have too many mailboxes, room for the one to come included.
    private bool CreateParents(Sql sql, long accountId, MailboxName name, int room)
    {
        var missing = new Stack<MailboxName>();
        for (var parent = name.Parent; parent is { } level && MailboxRows.Find(sql, accountId, level) is null; parent = level.Parent) missing.Push(level);
        if (MailboxRows.Count(sql, accountId) + missing.Count + room > MaxMailboxes) return false;
        foreach (var level in missing) Insert(sql, accountId, level, SpecialUse.None, subscribed: false);
        return true;
    }

    private long Insert(Sql sql, long accountId, MailboxName name, SpecialUse use, bool subscribed)
    {
        var id = database.NextId();
        subscribed |= LostSubscriptions.Take(sql, accountId, name);
        MailboxRows.Insert(sql, id, accountId, name, use, subscribed, AccountRows.NextUidValidity(sql, accountId, time.GetUtcNow()));
        AccountLog.Note(sql, accountId, id, 0, 0, Happened.MailboxCreated);
        feed.Changed(sql, accountId, id);
        return id;
    }
}
