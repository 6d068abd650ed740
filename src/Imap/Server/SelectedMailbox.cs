using System.Collections.Immutable;
using Sternpost.Imap.Grammar;
using Sternpost.Imap.Responses;
using Sternpost.Mailboxes;

namespace Sternpost.Imap.Server;

/// <summary>
/// The mailbox a session has selected, as its client believes it to be. Sequence numbers are positions in <see cref="Messages"/>,
/// and a message leaves that list only when the client is told so: one gone from the store before that stands in
/// <see cref="IsGone"/>. So every number a client sends means what it meant when the client learned it (RFC 9051 §2.3.1.2).
/// </summary>
internal sealed class SelectedMailbox : IDisposable
{
    private readonly List<Entry> messages;
    private readonly HashSet<uint> gone = [];
    private readonly HashSet<string> keywords;
    private readonly IDisposable watch;
    private List<uint> saved = [];
    private int told;
    private int changed;
    private bool hasNewKeywords;

    internal SelectedMailbox(Mailbox mailbox, IReadOnlyList<Entry> entries, bool readOnly, Func<Action<long>, IDisposable> watching, Action wake)
    {
        Mailbox = mailbox;
        IsReadOnly = readOnly;
        messages = [.. entries];
        keywords = new HashSet<string>(messages.SelectMany(entry => entry.Keywords), StringComparer.OrdinalIgnoreCase);
        told = messages.Count;
        ModSeq = mailbox.HighestModSeq;
        watch = watching(touched =>
        {
            if (touched != mailbox.Id) return;
            Volatile.Write(ref changed, 1);
            wake();
        });
    }

    /// <summary>The mailbox as it was when selected.</summary>
    internal Mailbox Mailbox { get; }

    internal long Id => Mailbox.Id;

    /// <summary>True after EXAMINE.</summary>
    internal bool IsReadOnly { get; }

    /// <summary>Everything up to this modseq has been taken in.</summary>
    internal long ModSeq { get; private set; }

    /// <summary>The messages; the one at index i has sequence number i + 1. Uids rise.</summary>
    internal IReadOnlyList<Entry> Messages => messages;

    /// <summary>True where there may be something to tell: the store changed, or expunges have waited and <paramref name="mayExpunge"/> now says to tell them.</summary>
    internal bool HasNews(bool mayExpunge) => Volatile.Read(ref changed) != 0 || mayExpunge && gone.Count > 0;

    /// <summary>True for a message that was expunged elsewhere, of which the client has not been told yet.</summary>
    internal bool IsGone(uint uid) => gone.Contains(uid);

    /// <summary>What SEARCH RETURN (SAVE) kept (RFC 5182), as uids.</summary>
    internal IReadOnlyList<uint> Saved => saved;

    /// <summary>Replaces what <c>$</c> stands for.</summary>
    internal void Save(List<uint> uids) => saved = uids;

    /// <summary>The index of a uid, or a negative number.</summary>
    internal int Find(uint uid)
    {
        int low = 0, high = messages.Count - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var at = messages[middle].Uid;
            if (at == uid) return middle;
            if (at < uid) low = middle + 1;
            else high = middle - 1;
        }
        return ~low;
    }

    /// <summary>
    /// The indexes a set names, rising. Uids nobody has are passed over (RFC 9051 §6.4.9). Null where a sequence number is
    /// higher than the number of messages, which is the client's fault (§9 seq-number); * names nothing in an empty mailbox.
    /// </summary>
    internal List<int>? Resolve(SequenceSet set, bool byUid)
    {
        foreach (var (from, to) in byUid ? [] : set.Ranges)
        {
            if (Math.Max(from, to) > messages.Count && !(messages.Count == 0 && Math.Min(from, to) == SequenceSet.Star)) return null;
        }
        return ResolveKnown(set, byUid);
    }

    /// <summary>The indexes a set names, rising, as far as there are such messages.</summary>
    internal List<int> ResolveKnown(SequenceSet set, bool byUid)
    {
        // RFC 5182 §2.1: of a saved result, messages expunged since are dropped.
        if (set.IsSavedResult) return [.. saved.Select(Find).Where(index => index >= 0)];
        var indexes = new List<int>();
        if (messages.Count == 0) return indexes;
        foreach (var (from, to) in set.Normalised(byUid ? messages[^1].Uid : (uint)messages.Count))
        {
            var first = byUid ? Find(from) : (int)Math.Min(from - 1, int.MaxValue);
            if (first < 0) first = ~first;
            for (var index = first; index < messages.Count && (byUid ? messages[index].Uid : index + 1) <= to; index++) indexes.Add(index);
        }
        return indexes;
    }

    /// <summary>Takes in entries this session itself changed, so that they are not news later.</summary>
    internal void Update(IEnumerable<Entry> entries)
    {
        foreach (var entry in entries)
        {
            var index = Find(entry.Uid);
            if (index >= 0 && messages[index].ModSeq <= entry.ModSeq) Take(index, entry);
        }
    }

    /// <summary>Says which flags there are: at SELECT, and when a keyword comes into use (RFC 9051 §7.3.5).</summary>
    internal void TellKeywords(ResponseWriter writer)
    {
        hasNewKeywords = false;
        var all = MessageFlags.Seen | MessageFlags.Answered | MessageFlags.Flagged | MessageFlags.Deleted | MessageFlags.Draft;
        var used = keywords.Order(StringComparer.Ordinal).ToImmutableArray();
        writer.Text("* FLAGS ").Flags(all, used).End();
        // \* says that other keywords may be made.
        if (IsReadOnly) writer.Line("* OK [PERMANENTFLAGS ()] Nothing can be changed");
        else writer.Text("* OK [PERMANENTFLAGS ").Flags(all, used.Add("\\*")).Text("] These stay").End();
    }

    /// <summary>Says which flags there are, if the client has not heard of one that is in use now.</summary>
    internal void TellNewKeywords(ResponseWriter writer)
    {
        if (hasNewKeywords) TellKeywords(writer);
    }

    /// <summary>Removes messages this session itself expunged or moved away, and tells the client.</summary>
    internal void Remove(IReadOnlyCollection<uint> uids, ResponseWriter writer, Enabled enabled)
    {
        foreach (var uid in uids)
        {
            if (Find(uid) >= 0) gone.Add(uid);
        }
        TellGone(writer, enabled);
    }

    /// <summary>Claims the news: what is committed after this call is news again.</summary>
    internal void CatchUp() => Volatile.Write(ref changed, 0);

    /// <summary>Takes in what changed and tells the client. Expunges wait where sequence numbers are in use (RFC 9051 §7.5.1).</summary>
    internal void Apply(MailboxChanges changes, bool mayExpunge, ResponseWriter writer, Enabled enabled)
    {
        foreach (var uid in changes.Vanished)
        {
            if (Find(uid) >= 0) gone.Add(uid);
        }
        if (mayExpunge) TellGone(writer, enabled);
        var flags = new List<int>();
        foreach (var entry in changes.Changed.OrderBy(entry => entry.Uid))
        {
            var index = Find(entry.Uid);
            if (index >= 0)
            {
                if (messages[index].ModSeq >= entry.ModSeq || gone.Contains(entry.Uid)) continue;
                Take(index, entry);
                flags.Add(index);
            }
            else if (messages.Count == 0 || messages[^1].Uid < entry.Uid)
            {
                messages.Add(entry);
                Learn(entry);
            }
        }
        TellNewKeywords(writer);
        if (messages.Count != told)
        {
            told = messages.Count;
            writer.Text("* ").Number(told).Text(" EXISTS").End();
        }
        foreach (var index in flags) TellFlags(index, writer, enabled);
        ModSeq = Math.Max(ModSeq, changes.HighestModSeq);
    }

    /// <summary>An untagged FETCH with the flags of one message; RFC 7162 §3.2.4 adds uid and modseq where those are in use.</summary>
    internal void TellFlags(int index, ResponseWriter writer, Enabled enabled, bool withUid = false)
    {
        var entry = messages[index];
        writer.Text("* ").Number(index + 1).Text(" FETCH (");
        if (withUid || enabled.HasFlag(Enabled.QuickResync)) writer.Text("UID ").Number(entry.Uid).Char(' ');
        writer.Text("FLAGS ").Flags(entry.Flags, entry.Keywords);
        if (enabled.HasFlag(Enabled.CondStore)) writer.Text(" MODSEQ (").Number(entry.ModSeq).Char(')');
        writer.Char(')').End();
    }

    public void Dispose() => watch.Dispose();

    private void Take(int index, Entry entry)
    {
        messages[index] = entry;
        Learn(entry);
    }

    private void Learn(Entry entry)
    {
        foreach (var keyword in entry.Keywords) hasNewKeywords |= keywords.Add(keyword);
    }

    private void TellGone(ResponseWriter writer, Enabled enabled)
    {
        if (gone.Count == 0) return;
        if (enabled.HasFlag(Enabled.QuickResync))
        {
            // RFC 7162 §3.2.10: VANISHED takes the place of EXPUNGE.
            writer.Line($"* VANISHED {SequenceSet.Format(gone.Order())}");
        }
        else
        {
            // From the last to the first, so that no number shifts before it is told (RFC 9051 §7.5.1).
            for (var index = messages.Count - 1; index >= 0; index--)
            {
                if (gone.Contains(messages[index].Uid)) writer.Text("* ").Number(index + 1).Text(" EXPUNGE").End();
            }
        }
        messages.RemoveAll(entry => gone.Contains(entry.Uid));
        saved.RemoveAll(gone.Contains);
        told = messages.Count;
        gone.Clear();
    }
}
