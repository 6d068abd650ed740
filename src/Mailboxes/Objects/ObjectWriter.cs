using Sternpost.Mailboxes.Rows;
using Sternpost.Storage;

namespace Sternpost.Mailboxes.Objects;

/// <summary>One account in one write transaction. Each method does all or nothing.</summary>
public sealed class ObjectWriter
{
    private readonly Sql sql;
    private readonly long accountId;
    private readonly EmailWrites emails;
    private readonly MailboxWrites mailboxes;
    private readonly MailStore store;

    internal ObjectWriter(Sql sql, long accountId, EmailWrites emails, MailboxWrites mailboxes, MailStore store)
    {
        this.sql = sql;
        this.accountId = accountId;
        this.emails = emails;
        this.mailboxes = mailboxes;
        this.store = store;
    }

    /// <summary>The transaction, for stores beside this one that must commit with it.</summary>
    public Sql Sql => sql;

    /// <summary>The state of a kind as this transaction has it now.</summary>
    public long State(ObjectKind kind) => AccountLog.Last(sql, accountId, ObjectChanges.Mask(kind));

    /// <summary>Makes a mailbox.</summary>
    public (MailboxObjectOutcome Outcome, Mailbox? Mailbox) CreateMailbox(MailboxWish wish) => mailboxes.Create(sql, accountId, wish);

    /// <summary>Changes a mailbox.</summary>
    public MailboxObjectOutcome UpdateMailbox(long id, MailboxWish wish) => mailboxes.Update(sql, accountId, id, wish);

    /// <summary>Destroys a mailbox, with its emails where asked; those of other mailboxes too stay there.</summary>
    public MailboxObjectOutcome DestroyMailbox(long id, bool withEmails) => mailboxes.Destroy(sql, accountId, id, withEmails);

    /// <summary>Adds an email to mailboxes. Put into Junk it teaches the filter.</summary>
    public (EmailOutcome Outcome, EmailFacts? Email) AddEmail(IReadOnlyCollection<long> mailboxIds, NewEmail email, PreparedEmail prepared)
    {
        var (outcome, made) = emails.Add(sql, accountId, mailboxIds, email, prepared);
        if (made is not null && UsesOf(made).Contains(SpecialUse.Junk)) store.Teach(sql, accountId, [made.Id], junk: true);
        return (outcome, made);
    }

    /// <summary>Changes an email. Into or out of Junk, or said to be junk or not by keyword, it teaches the filter.</summary>
    public (EmailOutcome Outcome, EmailFacts? Before, EmailFacts? After) UpdateEmail(EmailUpdate update)
    {
        var (outcome, before, after) = emails.Update(sql, accountId, update);
        if (before is not null && after is not null && Judged(before, after) is { } junk) store.Teach(sql, accountId, [update.EmailId], junk);
        return (outcome, before, after);
    }

    /// <summary>Destroys an email; false where there is none.</summary>
    public bool DestroyEmail(long emailId) => emails.Destroy(sql, accountId, emailId);

    // As moves by IMAP: into Junk is a judgement, out of it too unless into Trash. The keywords are those of the IANA registry.
    private bool? Judged(EmailFacts before, EmailFacts after)
    {
        var (was, now) = (UsesOf(before), UsesOf(after));
        if (now.Contains(SpecialUse.Junk) && !was.Contains(SpecialUse.Junk)) return true;
        if (was.Contains(SpecialUse.Junk) && !now.Contains(SpecialUse.Junk) && !now.Contains(SpecialUse.Trash)) return false;
        if (IsNew("$junk")) return true;
        return IsNew("$notjunk") ? false : null;

        bool IsNew(string keyword) => after.Keywords.Contains(keyword, StringComparer.OrdinalIgnoreCase) && !before.Keywords.Contains(keyword, StringComparer.OrdinalIgnoreCase);
    }

    private HashSet<SpecialUse> UsesOf(EmailFacts email) => [.. email.Places.Select(place => MailboxRows.Find(sql, place.MailboxId)?.Use ?? SpecialUse.None)];
}
