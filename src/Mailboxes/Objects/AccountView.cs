using System.Runtime.InteropServices;
using Sternpost.Mailboxes.Rows;
using Sternpost.Storage;

namespace Sternpost.Mailboxes.Objects;

/// <summary>What a mailbox holds, counted as emails and threads (RFC 8621 §2).</summary>
/// <param name="Emails">Emails in it.</param>
/// <param name="Unread">Unread ones among them.</param>
/// <param name="Threads">Threads with an email in it.</param>
/// <param name="UnreadThreads">Those of them that would be shown as unread.</param>
public readonly record struct MailboxCounts(int Emails, int Unread, int Threads, int UnreadThreads);

/// <summary>
/// The emails of one account in memory, without their content: what queries, counts and threads are made of. Brought up to the snapshot
/// that reads it by the account's log, so that it costs what has changed and not what there is. Not for use by two threads at once.
/// </summary>
public sealed class AccountView
{
    private readonly long accountId;
    private readonly Dictionary<long, EmailFacts> emails = [];
    private readonly Dictionary<long, List<EmailFacts>> threads = [];
    private Dictionary<long, MailboxCounts>? counts;
    private bool isLoaded;

    internal AccountView(long accountId) => this.accountId = accountId;

    /// <summary>The log's number it stands at.</summary>
    public long Seq { get; private set; }

    /// <summary>All emails, in no order.</summary>
    public IReadOnlyCollection<EmailFacts> Emails => emails.Values;

    /// <summary>How many there are.</summary>
    public int Count => emails.Count;

    /// <summary>The email, or null.</summary>
    public EmailFacts? Find(long emailId) => emails.GetValueOrDefault(emailId);

    /// <summary>The emails of a thread, oldest first; empty where there is none.</summary>
    public IReadOnlyList<EmailFacts> Thread(long threadId) => threads.TryGetValue(threadId, out var thread) ? thread : [];

    /// <summary>The counts of every mailbox that holds anything.</summary>
    /// <param name="trash">The mailbox whose emails count apart from all others'; 0 for none.</param>
    public IReadOnlyDictionary<long, MailboxCounts> Counts(long trash) => counts ??= Tally(trash);

    internal void Refresh(Sql sql)
    {
        var last = AccountLog.Last(sql, accountId);
        if (isLoaded && last == Seq) return;
        counts = null;
        if (!isLoaded || Seq < AccountLog.Floor(sql, accountId)) Load(sql);
        else
        {
            foreach (var id in AccountLog.Since(sql, accountId, Seq).Select(row => row.EmailId).Where(id => id != 0).Distinct()) Replace(id, EmailFacts.From(EntryRows.OfEmail(sql, id)));
        }
        Seq = last;
        isLoaded = true;
    }

    private void Load(Sql sql)
    {
        emails.Clear();
        threads.Clear();
        foreach (var mailbox in MailboxRows.OfAccount(sql, accountId))
        {
            foreach (var entry in EntryRows.All(sql, mailbox.Id))
            {
                if (entry.Flags.HasFlag(MessageFlags.Deleted)) continue;
                ref var facts = ref CollectionsMarshal.GetValueRefOrAddDefault(emails, entry.EmailId, out var isThere);
                facts = isThere ? facts!.With(mailbox.Id, entry) : EmailFacts.One(mailbox.Id, entry);
            }
        }
        foreach (var facts in emails.Values)
        {
            if (threads.TryGetValue(facts.ThreadId, out var thread)) thread.Add(facts);
            else threads[facts.ThreadId] = [facts];
        }
        foreach (var thread in threads.Values) thread.Sort(ByAge);
    }

    private void Replace(long id, EmailFacts? now)
    {
        if (emails.Remove(id, out var before) && threads.TryGetValue(before.ThreadId, out var old))
        {
            old.RemoveAll(facts => facts.Id == id);
            if (old.Count == 0) threads.Remove(before.ThreadId);
        }
        if (now is null) return;
        emails[id] = now;
        if (!threads.TryGetValue(now.ThreadId, out var thread)) threads[now.ThreadId] = thread = [];
        thread.Add(now);
        thread.Sort(ByAge);
    }

    private static int ByAge(EmailFacts one, EmailFacts other) =>
        one.Received != other.Received ? one.Received.CompareTo(other.Received) : one.Id.CompareTo(other.Id);

    // RFC 8621 §2: a thread is unread in a mailbox where any email of it is that is shown with it. What lies in the trash alone is shown
    // only there, and there nothing else is.
    private Dictionary<long, MailboxCounts> Tally(long trash)
    {
        var all = new Dictionary<long, MailboxCounts>();
        var seen = new HashSet<long>();
        foreach (var thread in threads.Values)
        {
            seen.Clear();
            var (unreadOutside, unreadInTrash) = (false, false);
            foreach (var email in thread)
            {
                if (!email.IsUnread) continue;
                unreadOutside |= email.Places is not [var only] || only.MailboxId != trash;
                unreadInTrash |= trash != 0 && email.IsIn(trash);
            }
            foreach (var email in thread)
            {
                foreach (var place in email.Places)
                {
                    ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(all, place.MailboxId, out _);
                    var first = seen.Add(place.MailboxId);
                    var unread = place.MailboxId == trash ? unreadInTrash : unreadOutside;
                    count = new MailboxCounts(count.Emails + 1, count.Unread + (email.IsUnread ? 1 : 0), count.Threads + (first ? 1 : 0), count.UnreadThreads + (first && unread ? 1 : 0));
                }
            }
        }
        return all;
    }
}
