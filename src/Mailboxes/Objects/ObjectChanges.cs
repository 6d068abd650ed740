using Sternpost.Mailboxes.Rows;
using Sternpost.Storage;

namespace Sternpost.Mailboxes.Objects;

/// <summary>The kinds of object whose changes the log tells.</summary>
public enum ObjectKind
{
    /// <summary>Emails.</summary>
    Email,
    /// <summary>Threads.</summary>
    Thread,
    /// <summary>Mailboxes.</summary>
    Mailbox,
    /// <summary>The coming of emails; a state only.</summary>
    Delivery,
}

/// <summary>What became of the objects of a kind since a state (RFC 8620 §5.2).</summary>
/// <param name="NewState">The state these changes lead to.</param>
/// <param name="HasMore">True where that is not the last one.</param>
/// <param name="Created">Those that were not there.</param>
/// <param name="Updated">Those that are not as they were.</param>
/// <param name="Destroyed">Those that are gone.</param>
/// <param name="OnlyCounts">Mailboxes: nothing but counts changed.</param>
public sealed record ObjectChanges(long NewState, bool HasMore, IReadOnlyList<long> Created, IReadOnlyList<long> Updated, IReadOnlyList<long> Destroyed, bool OnlyCounts)
{
    private const Happened Presence = Happened.Created | Happened.Destroyed;
    private const Happened OfEmail = Presence | Happened.Updated;
    private const Happened OfMailbox = Happened.MailboxCreated | Happened.MailboxUpdated | Happened.MailboxDestroyed;

    internal static Happened Mask(ObjectKind kind) => kind switch
    {
        ObjectKind.Email => OfEmail,
        ObjectKind.Thread => Presence,
        ObjectKind.Delivery => Happened.Created,
        _ => Happened.Counts | OfMailbox,
    };

    /// <summary>Null where the log does not reach back so far, or not yet.</summary>
    internal static ObjectChanges? Since(Sql sql, AccountView view, long accountId, ObjectKind kind, long since, int most)
    {
        var now = AccountLog.Last(sql, accountId, Mask(kind));
        if (since == now) return new ObjectChanges(now, false, [], [], [], false);
        if (since > view.Seq || since < AccountLog.Floor(sql, accountId)) return null;
        var rows = AccountLog.Since(sql, accountId, since);
        var tally = new Tally();
        var upTo = now;
        var more = false;
        foreach (var row in rows)
        {
            if ((row.What & Mask(kind)) == 0) continue;
            var before = tally.Count;
            foreach (var id in Ids(view, kind, row)) tally.Note(id, kind, row);
            // The row before this one is the last state that fits.
            if (tally.Count > most && before > 0)
            {
                foreach (var id in Ids(view, kind, row)) tally.Forget(id, row.Seq);
                more = true;
                break;
            }
            upTo = row.Seq;
        }
        return tally.Settle(sql, view, kind, upTo, more);
    }

    // RFC 8621 §2.2: a change of an email's read state changes the thread counts of all mailboxes that its thread is in.
    private static IEnumerable<long> Ids(AccountView view, ObjectKind kind, LogRow row) => kind switch
    {
        ObjectKind.Email => [row.EmailId],
        ObjectKind.Thread => [row.ThreadId],
        _ when (row.What & OfMailbox) != 0 => [row.MailboxId],
        _ => view.Thread(row.ThreadId).SelectMany(email => email.Places).Select(place => place.MailboxId).Append(row.MailboxId).Distinct(),
    };

    /// <summary>What the rows say of each object.</summary>
    private sealed class Tally
    {
        private readonly Dictionary<long, (bool WasThere, Happened All, long FirstSeq)> objects = [];
        private readonly Dictionary<long, bool> emailsBefore = [];

        internal int Count => objects.Count;

        internal void Note(long id, ObjectKind kind, LogRow row)
        {
            if (kind == ObjectKind.Thread) emailsBefore.TryAdd(row.EmailId, !row.What.HasFlag(Happened.Created));
            if (!objects.TryGetValue(id, out var known)) known = (kind switch
            {
                ObjectKind.Email => !row.What.HasFlag(Happened.Created),
                ObjectKind.Mailbox => !row.What.HasFlag(Happened.MailboxCreated),
                // A thread was there where any email of it was, which the rows to come may still show.
                _ => false,
            }, Happened.None, row.Seq);
            var wasThere = known.WasThere || (kind == ObjectKind.Thread && emailsBefore[row.EmailId]);
            objects[id] = (wasThere, known.All | row.What, known.FirstSeq);
        }

        internal void Forget(long id, long seq)
        {
            if (objects.TryGetValue(id, out var known) && known.FirstSeq == seq) objects.Remove(id);
        }

        internal ObjectChanges Settle(Sql sql, AccountView view, ObjectKind kind, long upTo, bool more)
        {
            var (created, updated, destroyed) = (new List<long>(), new List<long>(), new List<long>());
            var onlyCounts = kind == ObjectKind.Mailbox;
            foreach (var (id, (noted, all, _)) in objects)
            {
                var isThere = kind switch
                {
                    ObjectKind.Email => view.Find(id) is not null,
                    ObjectKind.Thread => view.Thread(id).Count > 0,
                    _ => MailboxRows.Find(sql, id) is not null,
                };
                var wasThere = noted || (kind == ObjectKind.Thread && view.Thread(id).Any(email => !emailsBefore.TryGetValue(email.Id, out var before) || before));
                if (kind == ObjectKind.Mailbox && (!isThere || !wasThere || (all & OfMailbox) != 0)) onlyCounts = false;
                if (isThere) (wasThere ? updated : created).Add(id);
                else if (wasThere) destroyed.Add(id);
            }
            return new ObjectChanges(upTo, more, created, updated, destroyed, onlyCounts && updated.Count > 0);
        }
    }
}
