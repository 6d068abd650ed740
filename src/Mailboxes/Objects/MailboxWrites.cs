using Sternpost.Mailboxes.Changes;
using Sternpost.Mailboxes.Contents;
using Sternpost.Mailboxes.Names;
using Sternpost.Mailboxes.Rows;
using Sternpost.Mailboxes.Trees;
using Sternpost.Storage;

namespace Sternpost.Mailboxes.Objects;

/// <summary>What came of a change of a mailbox named by its id.</summary>
public enum MailboxObjectOutcome
{
    /// <summary>Done.</summary>
    Ok,
    /// <summary>There is no such mailbox.</summary>
    NotFound,
    /// <summary>There is no such parent, or it lies below the mailbox itself.</summary>
    BadParent,
    /// <summary>The name is empty, too long, too deep, or holds what none may.</summary>
    BadName,
    /// <summary>Another mailbox has the name.</summary>
    NameTaken,
    /// <summary>Another mailbox has the use, or it cannot be given.</summary>
    BadUse,
    /// <summary>The inbox keeps its name and place, and what has a use is not destroyed.</summary>
    Forbidden,
    /// <summary>Mailboxes lie below it.</summary>
    HasChild,
    /// <summary>Emails are in it.</summary>
    HasEmail,
    /// <summary>The account has as many mailboxes as it may.</summary>
    TooMany,
}

/// <summary>What is wanted of a mailbox; null leaves as it is.</summary>
public sealed record MailboxWish
{
    /// <summary>The name of its own level.</summary>
    public string? Name { get; init; }

    /// <summary>The mailbox it is to lie below; 0 for the top.</summary>
    public long? ParentId { get; init; }

    /// <summary>Its use.</summary>
    public SpecialUse? Use { get; init; }

    /// <summary>Whether it is subscribed.</summary>
    public bool? Subscribed { get; init; }

    /// <summary>Its place among others.</summary>
    public long? SortOrder { get; init; }
}

/// <summary>Changes of mailboxes named by their ids: each method is one transaction's work, and does all or nothing.</summary>
internal sealed class MailboxWrites(MailboxTree tree, MailboxContents contents, ChangeFeed feed)
{
    private const char Separator = MailboxName.Separator;

    internal (MailboxObjectOutcome Outcome, Mailbox? Mailbox) Create(Sql sql, long accountId, MailboxWish wish)
    {
        if (!tree.Ensure(sql, accountId)) return (MailboxObjectOutcome.Forbidden, null);
        if (Name(sql, accountId, wish.Name ?? "", wish.ParentId ?? 0, out var name) is var bad and not MailboxObjectOutcome.Ok) return (bad, null);
        var outcome = tree.Create(sql, accountId, name, wish.Use ?? SpecialUse.None) switch
        {
            MailboxOutcome.Ok => MailboxObjectOutcome.Ok,
            MailboxOutcome.Exists => MailboxObjectOutcome.NameTaken,
            _ when wish.Use is SpecialUse.Inbox || (wish.Use is { } use and not SpecialUse.None && MailboxRows.UseIsTaken(sql, accountId, use)) => MailboxObjectOutcome.BadUse,
            _ => MailboxObjectOutcome.TooMany,
        };
        if (outcome != MailboxObjectOutcome.Ok) return (outcome, null);
        var made = MailboxRows.Find(sql, accountId, name)!;
        if (wish.Subscribed is { } subscribed && subscribed != made.Subscribed) MailboxRows.SetSubscribed(sql, made.Id, subscribed);
        if (wish.SortOrder is { } order) MailboxRows.SetSortOrder(sql, made.Id, order);
        return (outcome, MailboxRows.Find(sql, made.Id));
    }

    internal MailboxObjectOutcome Update(Sql sql, long accountId, long id, MailboxWish wish)
    {
        if (Find(sql, accountId, id) is not { } mailbox) return MailboxObjectOutcome.NotFound;
        if (wish.Use is { } use && use != mailbox.Use)
        {
            if (mailbox.Use == SpecialUse.Inbox || use == SpecialUse.Inbox) return MailboxObjectOutcome.BadUse;
            if (use != SpecialUse.None && MailboxRows.UseIsTaken(sql, accountId, use)) return MailboxObjectOutcome.BadUse;
        }
        if (wish.Name is not null || wish.ParentId is not null)
        {
            var parent = wish.ParentId ?? ParentOf(sql, mailbox)?.Id ?? 0;
            if (mailbox.Use == SpecialUse.Inbox)
            {
                if (parent != 0 || (wish.Name is not null && wish.Name != "Inbox")) return MailboxObjectOutcome.Forbidden;
            }
            else
            {
                if (Name(sql, accountId, wish.Name ?? mailbox.Name[(mailbox.Name.LastIndexOf(Separator) + 1)..], parent, out var name) is var bad and not MailboxObjectOutcome.Ok) return bad;
                if (name.Text != mailbox.Name && Rename(sql, accountId, mailbox, name) is var failed and not MailboxObjectOutcome.Ok) return failed;
            }
        }
        if (wish.Use is { } newUse && newUse != mailbox.Use) MailboxRows.SetUse(sql, id, newUse);
        if (wish.Subscribed is { } subscribed) MailboxRows.SetSubscribed(sql, id, subscribed);
        if (wish.SortOrder is { } order) MailboxRows.SetSortOrder(sql, id, order);
        AccountLog.Note(sql, accountId, id, 0, 0, Happened.MailboxUpdated);
        feed.Changed(sql, accountId, id);
        return MailboxObjectOutcome.Ok;
    }

    /// <summary>Whether it may be destroyed, children and emails aside.</summary>
    internal static MailboxObjectOutcome MayDestroy(Sql sql, long accountId, long id)
    {
        if (Find(sql, accountId, id) is not { } mailbox) return MailboxObjectOutcome.NotFound;
        if (HasChild(sql, mailbox)) return MailboxObjectOutcome.HasChild;
        return mailbox.Use == SpecialUse.None ? MailboxObjectOutcome.Ok : MailboxObjectOutcome.Forbidden;
    }

    internal MailboxObjectOutcome Destroy(Sql sql, long accountId, long id, bool withEmails)
    {
        if (MayDestroy(sql, accountId, id) is var bad and not MailboxObjectOutcome.Ok) return bad;
        var mailbox = MailboxRows.Find(sql, id)!;
        // RFC 8621 §2.5: what is flagged \Deleted is no email any more.
        if (!withEmails && mailbox.Total > mailbox.Deleted) return MailboxObjectOutcome.HasEmail;
        contents.Remove(sql, mailbox, EntryRows.All(sql, id));
        tree.Delete(sql, mailbox);
        return MailboxObjectOutcome.Ok;
    }

    /// <summary>The mailbox one level up; null at the top.</summary>
    internal static Mailbox? ParentOf(Sql sql, Mailbox mailbox) =>
        MailboxName.TryParse(mailbox.Name, out var name) && name.Value.Parent is { } parent ? MailboxRows.Find(sql, mailbox.AccountId, parent) : null;

    private static Mailbox? Find(Sql sql, long accountId, long id) => MailboxRows.Find(sql, id) is { } mailbox && mailbox.AccountId == accountId ? mailbox : null;

    private static bool HasChild(Sql sql, Mailbox mailbox) =>
        MailboxRows.OfAccount(sql, mailbox.AccountId).Exists(other => other.Name.StartsWith(mailbox.Name + Separator, StringComparison.Ordinal));

    private MailboxObjectOutcome Rename(Sql sql, long accountId, Mailbox mailbox, MailboxName to)
    {
        if (!MailboxName.TryParse(mailbox.Name, out var from) || to.IsBelow(from.Value)) return MailboxObjectOutcome.BadParent;
        return tree.Rename(sql, accountId, from.Value, to) switch
        {
            MailboxOutcome.Ok => MailboxObjectOutcome.Ok,
            MailboxOutcome.Exists => MailboxObjectOutcome.NameTaken,
            MailboxOutcome.BadName => MailboxObjectOutcome.BadName,
            _ => MailboxObjectOutcome.BadParent,
        };
    }

    private static MailboxObjectOutcome Name(Sql sql, long accountId, string leaf, long parentId, out MailboxName name)
    {
        name = default;
        var path = leaf;
        if (parentId != 0)
        {
            if (Find(sql, accountId, parentId) is not { } parent) return MailboxObjectOutcome.BadParent;
            path = parent.Name + Separator + leaf;
        }
        // A level holds no separator here: it would be two levels to IMAP.
        if (leaf.Contains(Separator, StringComparison.Ordinal) || !MailboxName.TryParse(path, out var parsed)) return MailboxObjectOutcome.BadName;
        name = parsed.Value;
        return MailboxObjectOutcome.Ok;
    }
}
