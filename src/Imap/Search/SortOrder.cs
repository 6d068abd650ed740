using Sternpost.Imap.Server;
using Sternpost.Mailboxes;
using Sternpost.Messages.Content;
using Sternpost.Messages.Structure;
using Sternpost.Messages.Threads;

namespace Sternpost.Imap.Search;

/// <summary>sort-key (RFC 5256 §3; RFC 5957).</summary>
internal enum SortKey
{
    Arrival,
    Cc,
    Date,
    DisplayFrom,
    DisplayTo,
    From,
    Size,
    Subject,
    To,
}

/// <summary>Sorts messages by the criteria of SORT; equals stay in the mailbox's order (RFC 5256 §3).</summary>
internal static class SortOrder
{
    private const int Batch = 512;

    /// <summary>The indexes in the order asked. Messages gone meanwhile are left out.</summary>
    internal static async ValueTask<List<int>> SortAsync(ImapSession session, List<int> indexes, IReadOnlyList<(SortKey Key, bool Reverse)> criteria)
    {
        var rows = new List<(int Index, IComparable[] Keys)>(indexes.Count);
        var selected = session.Selected!;
        if (criteria.All(criterion => criterion.Key is SortKey.Arrival or SortKey.Size))
        {
            rows.AddRange(indexes.Select(index => (index, Keys(selected.Messages[index], null, criteria))));
        }
        else
        {
            await EachEmailAsync(session, indexes, Batch, (index, email) => rows.Add((index, Keys(selected.Messages[index], email.Structure.Envelope, criteria)))).ConfigureAwait(false);
        }
        rows.Sort((left, right) =>
        {
            for (var i = 0; i < criteria.Count; i++)
            {
                var order = left.Keys[i] is string text ? string.CompareOrdinal(text, (string)right.Keys[i]) : left.Keys[i].CompareTo(right.Keys[i]);
                if (order != 0) return criteria[i].Reverse ? -order : order;
            }
            return left.Index.CompareTo(right.Index);
        });
        return rows.ConvertAll(row => row.Index);
    }

    /// <summary>Gives each message's stored facts, read in batches.</summary>
    internal static async ValueTask EachEmailAsync(ImapSession session, List<int> indexes, int batch, Action<int, StoredEmail> each)
    {
        var messages = session.Selected!.Messages;
        for (var at = 0; at < indexes.Count; at += batch)
        {
            var some = indexes.GetRange(at, Math.Min(batch, indexes.Count - at));
            var byId = new Dictionary<long, StoredEmail>(some.Count);
            foreach (var email in await session.Store.EmailsAsync(some.ConvertAll(index => messages[index].EmailId), session.Token).ConfigureAwait(false)) byId[email.Id] = email;
            foreach (var index in some)
            {
                if (byId.TryGetValue(messages[index].EmailId, out var email)) each(index, email);
            }
        }
    }

    /// <summary>RFC 5256 §2.2: the Date field in UTC; where it is absent or unreadable, INTERNALDATE.</summary>
    internal static DateTime SentDate(Entry entry, MessageEnvelope envelope) => (SentDates.Of(envelope) ?? entry.InternalDate).UtcDateTime;

    private static IComparable[] Keys(Entry entry, MessageEnvelope? envelope, IReadOnlyList<(SortKey Key, bool Reverse)> criteria)
    {
        var keys = new IComparable[criteria.Count];
        for (var i = 0; i < keys.Length; i++)
        {
            keys[i] = criteria[i].Key switch
            {
                SortKey.Arrival => entry.InternalDate.UtcDateTime,
                SortKey.Size => entry.Size,
                SortKey.Date => SentDate(entry, envelope!),
                SortKey.Subject => BaseSubject.Of(envelope!.Subject).Base,
                SortKey.From => Mailbox(envelope!.From),
                SortKey.To => Mailbox(envelope!.To),
                SortKey.Cc => Mailbox(envelope!.Cc),
                SortKey.DisplayFrom => Display(envelope!.From),
                _ => Display(envelope!.To),
            };
        }
        return keys;
    }

    // RFC 5256 §3: addr-mailbox of the first address.
    private static string Mailbox(IReadOnlyList<EnvelopeAddress> addresses) =>
        addresses.Count == 0 ? "" : (addresses[0].Mailbox ?? "").ToUpperInvariant();

    // RFC 5957 §3: the display name, else mailbox@host.
    private static string Display(IReadOnlyList<EnvelopeAddress> addresses) =>
        addresses.Count == 0 ? ""
        : addresses[0].Name is { Length: > 0 } name ? EncodedWords.Decode(name).ToUpperInvariant()
        : EnvelopeFields.Text(addresses[0]).ToUpperInvariant();
}
