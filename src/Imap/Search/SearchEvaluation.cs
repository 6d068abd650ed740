using System.Diagnostics;
using Sternpost.Imap.Content;
using Sternpost.Imap.Grammar;
using Sternpost.Imap.Server;
using Sternpost.Mailboxes;
using Sternpost.Messages.Content;

namespace Sternpost.Imap.Search;

/// <summary>
/// Finds the messages a search program matches, reading no more than needed: flags, dates and sizes decide what they can; of
/// what is left the stored structures are read, in batches; of what is still open the message itself. Each message is
/// loaded at most once, however many keys the program has.
/// </summary>
internal sealed class SearchEvaluation
{
    private const int Batch = 256;

    // RFC 9585 §4: progress is worth a line when a client begins to wonder.
    private static readonly TimeSpan ProgressEvery = TimeSpan.FromSeconds(10);

    private readonly ImapSession session;
    private readonly SelectedMailbox selected;
    private readonly SearchKey key;
    private readonly DateTimeOffset now;
    private readonly Dictionary<SearchKey.Messages, HashSet<int>> sets;

    private SearchEvaluation(ImapSession session, SelectedMailbox selected, SearchKey key, Dictionary<SearchKey.Messages, HashSet<int>> sets)
    {
        this.session = session;
        this.selected = selected;
        this.key = key;
        this.sets = sets;
        now = session.Server.Time.GetUtcNow();
    }

    /// <summary>The indexes that match, rising.</summary>
    internal static async ValueTask<List<int>> RunAsync(ImapSession session, SearchKey key)
    {
        var selected = session.Selected!;
        var sets = new Dictionary<SearchKey.Messages, HashSet<int>>(ReferenceEqualityComparer.Instance);
        Resolve(selected, key, sets);
        return await new SearchEvaluation(session, selected, key, sets).RunAsync().ConfigureAwait(false);
    }

    private async ValueTask<List<int>> RunAsync()
    {
        var found = new List<int>();
        var open = new List<int>();
        for (var index = 0; index < selected.Messages.Count; index++)
        {
            var entry = selected.Messages[index];
            if (selected.IsGone(entry.Uid)) continue;
            var matches = Match(key, index, entry, null, null);
            if (matches == true) found.Add(index);
            else if (matches is null) open.Add(index);
        }
        if (open.Count == 0) return found;
        var reported = session.Server.Time.GetTimestamp();
        for (var at = 0; at < open.Count; at += Batch)
        {
            var indexes = open.GetRange(at, Math.Min(Batch, open.Count - at));
            var emails = await session.Store.EmailsAsync(indexes.ConvertAll(index => selected.Messages[index].EmailId), session.Token).ConfigureAwait(false);
            var byId = new Dictionary<long, StoredEmail>(emails.Count);
            foreach (var email in emails) byId[email.Id] = email;
            for (var i = 0; i < indexes.Count; i++)
            {
                var entry = selected.Messages[indexes[i]];
                if (!byId.TryGetValue(entry.EmailId, out var email)) continue;
                var matches = Match(key, indexes[i], entry, email, null) ?? await MatchContentAsync(indexes[i], entry, email).ConfigureAwait(false);
                if (matches) found.Add(indexes[i]);
                if (session.Server.Time.GetElapsedTime(reported) < ProgressEvery) continue;
                reported = session.Server.Time.GetTimestamp();
                session.Writer.Line($"* OK [INPROGRESS (\"{session.Tag}\" {at + i + 1} {open.Count})] Still searching");
                await session.Writer.FlushAsync().ConfigureAwait(false);
            }
        }
        found.Sort();
        return found;
    }

    private async ValueTask<bool> MatchContentAsync(int index, Entry entry, StoredEmail email)
    {
        var content = await session.Store.ContentAsync(entry.EmailId, session.Token).ConfigureAwait(false);
        return content is { } octets && Match(key, index, entry, email, new MessageText(octets, email)) == true;
    }

    // Null means that more of the message must be read to tell.
    private bool? Match(SearchKey key, int index, Entry entry, StoredEmail? email, MessageText? text)
    {
        switch (key)
        {
            case SearchKey.Constant constant:
                return constant.Value;
            case SearchKey.Not not:
                return !Match(not.Key, index, entry, email, text);
            case SearchKey.And and:
                return All(and.Keys, index, entry, email, text);
            case SearchKey.Or or:
                var left = Match(or.Left, index, entry, email, text);
                if (left == true) return true;
                var right = Match(or.Right, index, entry, email, text);
                return right == true ? true : left is null || right is null ? null : false;
            case SearchKey.Flag flag:
                return entry.Flags.HasFlag(flag.Value) == flag.Set;
            case SearchKey.Keyword keyword:
                return entry.Keywords.Contains(keyword.Value, StringComparer.OrdinalIgnoreCase) == keyword.Set;
            case SearchKey.Messages messages:
                return sets[messages].Contains(index);
            case SearchKey.Size size:
                return size.Comparison == Comparison.Above ? entry.Size > size.Octets : entry.Size < size.Octets;
            case SearchKey.Received received:
                // RFC 9051 §6.4.4: the date as written, whatever its zone.
                return IsOn(received.Comparison, DateOnly.FromDateTime(entry.InternalDate.DateTime), received.Day);
            case SearchKey.Age age:
                var old = (now - entry.InternalDate).TotalSeconds;
                return age.Younger ? old <= age.Seconds : old >= age.Seconds;
            case SearchKey.ModSeq modSeq:
                return entry.ModSeq >= modSeq.Least;
            case SearchKey.EmailId id:
                return Responses.ObjectIds.Email(entry.EmailId) == id.Value;
            case SearchKey.ThreadId thread:
                return Responses.ObjectIds.Thread(entry.ThreadId) == thread.Value;
            case SearchKey.Sent sent:
                return email is null ? null : SentDates.Of(email.Structure.Envelope) is { } date && IsOn(sent.Comparison, DateOnly.FromDateTime(date.DateTime), sent.Day);
            case SearchKey.Header header:
                return email is null ? null : EnvelopeFields.Match(email.Structure.Envelope, header.Field, header.Text) ?? text?.HasField(header.Field, header.Text);
            case SearchKey.Words words:
                if (text is null) return null;
                return words.WithHeader && text.Header.Contains(words.Value, StringComparison.OrdinalIgnoreCase)
                    || text.Bodies.Any(body => body.Contains(words.Value, StringComparison.OrdinalIgnoreCase));
            default:
                throw new UnreachableException();
        }
    }

    private bool? All(IReadOnlyList<SearchKey> keys, int index, Entry entry, StoredEmail? email, MessageText? text)
    {
        var known = true;
        foreach (var key in keys)
        {
            var matches = Match(key, index, entry, email, text);
            if (matches == false) return false;
            known &= matches is not null;
        }
        return known ? true : null;
    }

    private static bool IsOn(Comparison comparison, DateOnly date, DateOnly day) => comparison switch
    {
        Comparison.Below => date < day,
        Comparison.Same => date == day,
        _ => date >= day,
    };

    // A sequence number that is not there matches nothing here; other commands refuse it.
    private static void Resolve(SelectedMailbox selected, SearchKey key, Dictionary<SearchKey.Messages, HashSet<int>> sets)
    {
        switch (key)
        {
            case SearchKey.Messages messages:
                sets[messages] = [.. selected.ResolveKnown(messages.Set, messages.ByUid)];
                break;
            case SearchKey.And and:
                foreach (var inner in and.Keys) Resolve(selected, inner, sets);
                break;
            case SearchKey.Or or:
                Resolve(selected, or.Left, sets);
                Resolve(selected, or.Right, sets);
                break;
            case SearchKey.Not not:
                Resolve(selected, not.Key, sets);
                break;
        }
    }
}
