using Sternpost.Imap.Content;
using Sternpost.Imap.Grammar;
using Sternpost.Imap.Server;
using Sternpost.Mailboxes;
using Sternpost.Messages.Content;

namespace Sternpost.Imap.Responses;

/// <summary>Writes the FETCH responses of one command (RFC 9051 §7.5.2), reading of each message no more than its items need.</summary>
internal sealed class FetchResponse
{
    private readonly List<FetchItem> items;
    private readonly ImapSession session;
    private readonly ResponseWriter writer;
    private readonly bool needsStructure;

    internal FetchResponse(FetchRequest request, bool byUid, ImapSession session)
    {
        this.session = session;
        writer = session.Writer;
        var all = new List<FetchItem>(request.Items);
        // RFC 9051 §6.4.9: UID FETCH always says the uid; RFC 7162 §3.2.4: so does every FETCH once QRESYNC is on.
        if ((byUid || session.HasEnabled(Enabled.QuickResync)) && !Has(all, FetchData.Uid)) all.Insert(0, new FetchItem.Data(FetchData.Uid));
        // RFC 7162 §3.1.4.1: CHANGEDSINCE asks for MODSEQ too.
        if (request.ChangedSince is not null && !Has(all, FetchData.ModSeq)) all.Add(new FetchItem.Data(FetchData.ModSeq));
        items = all;
        SetsSeen = items.Any(item => item is FetchItem.Octets { Seen: true });
        NeedsContent = items.Any(item => item is FetchItem.Octets or FetchItem.DecodedSize or FetchItem.Data { Kind: FetchData.Preview });
        needsStructure = NeedsContent || items.Any(item => item is FetchItem.Data { Kind: FetchData.Envelope or FetchData.Body or FetchData.BodyStructure });
    }

    /// <summary>True where an item sets \Seen.</summary>
    internal bool SetsSeen { get; }

    /// <summary>True where the messages themselves must be read.</summary>
    internal bool NeedsContent { get; }

    /// <summary>Set where a message was gone when it was to be read.</summary>
    internal bool Missing { get; private set; }

    /// <summary>Set where BINARY met a transfer encoding it cannot undo (RFC 3516 §4.3).</summary>
    internal bool UnknownEncoding { get; private set; }

    /// <summary>Writes one response for each message; <paramref name="seen"/> are those that just became \Seen.</summary>
    internal async ValueTask WriteAsync(List<int> indexes, HashSet<int> seen)
    {
        var messages = session.Selected!.Messages;
        var emails = needsStructure ? await EmailsAsync(indexes).ConfigureAwait(false) : [];
        foreach (var index in indexes)
        {
            var entry = messages[index];
            StoredEmail? email = null;
            ReadOnlyMemory<byte>? content = null;
            if (needsStructure && !emails.TryGetValue(entry.EmailId, out email) || NeedsContent && (content = await session.Store.ContentAsync(entry.EmailId, session.Token).ConfigureAwait(false)) is null)
            {
                Missing = true;
                continue;
            }
            if (DecodedIn(email, content) is not { } decoded)
            {
                UnknownEncoding = true;
                continue;
            }
            writer.Text("* ").Number(index + 1).Text(" FETCH (");
            for (var i = 0; i < items.Count; i++)
            {
                if (i > 0) writer.Char(' ');
                if (items[i] is FetchItem.Data data) WriteData(data.Kind, entry, email, content);
                else if (items[i] is FetchItem.DecodedSize size) writer.Text("BINARY.SIZE").Section(size.Section).Char(' ').Number(decoded[i].Length);
                else await WriteOctetsAsync((FetchItem.Octets)items[i], decoded[i], email!, content!.Value).ConfigureAwait(false);
            }
            if (seen.Contains(index)) WriteNewFlags(entry);
            writer.Char(')').End();
            await writer.FlushIfFullAsync().ConfigureAwait(false);
        }
    }

    private void WriteData(FetchData kind, Entry entry, StoredEmail? email, ReadOnlyMemory<byte>? content)
    {
        switch (kind)
        {
            case FetchData.Uid:
                writer.Text("UID ").Number(entry.Uid);
                break;
            case FetchData.Flags:
                writer.Text("FLAGS ").Flags(entry.Flags, entry.Keywords);
                break;
            case FetchData.InternalDate:
                writer.Text("INTERNALDATE ").Text(ImapDates.Format(entry.InternalDate));
                break;
            case FetchData.Size:
                writer.Text("RFC822.SIZE ").Number(entry.Size);
                break;
            case FetchData.Envelope:
                writer.Text("ENVELOPE ").Envelope(email!.Structure.Envelope);
                break;
            case FetchData.Body:
                writer.Text("BODY ").Structure(email!.Structure.Root, extended: false);
                break;
            case FetchData.BodyStructure:
                writer.Text("BODYSTRUCTURE ").Structure(email!.Structure.Root, extended: true);
                break;
            case FetchData.ModSeq:
                writer.Text("MODSEQ (").Number(entry.ModSeq).Char(')');
                break;
            case FetchData.EmailId:
                writer.Text($"EMAILID ({ObjectIds.Email(entry.EmailId)})");
                break;
            case FetchData.ThreadId:
                writer.Text($"THREADID ({ObjectIds.Thread(entry.ThreadId)})");
                break;
            case FetchData.Preview:
                writer.Text("PREVIEW ").String(Preview.Of(content!.Value, email!));
                break;
        }
    }

    private async ValueTask WriteOctetsAsync(FetchItem.Octets item, ReadOnlyMemory<byte> decoded, StoredEmail email, ReadOnlyMemory<byte> content)
    {
        writer.Text(item.Name);
        if (item.HasSection) writer.Section(item.Section);
        var octets = item.Decoded ? decoded : SectionSlices.Slice(content, email, item.Section);
        if (item.Partial is { } partial)
        {
            // RFC 9051 §7.5.2: the offset alone comes back; what lies past the end is the empty string.
            writer.Char('<').Number(partial.Offset).Char('>');
            if (octets is { } whole)
            {
                var start = (int)Math.Min(partial.Offset, whole.Length);
                octets = whole.Slice(start, (int)Math.Min(partial.Count, whole.Length - start));
            }
        }
        writer.Char(' ');
        if (octets is { } found) await writer.LiteralAsync(found, binary: item.Decoded && found.Span.Contains((byte)0)).ConfigureAwait(false);
        else writer.Text("NIL");
    }

    // What BINARY items decode to, by the item's place; null where one cannot be decoded. Before the response begins, for
    // afterwards it could not be taken back.
    private ReadOnlyMemory<byte>[]? DecodedIn(StoredEmail? email, ReadOnlyMemory<byte>? content)
    {
        var decoded = new ReadOnlyMemory<byte>[items.Count];
        for (var i = 0; i < items.Count; i++)
        {
            var section = items[i] switch
            {
                FetchItem.Octets { Decoded: true } octets => octets.Section,
                FetchItem.DecodedSize size => size.Section,
                _ => null,
            };
            if (section is null) continue;
            var part = SectionSlices.Find(email!.Structure.Root, section.Part);
            var body = SectionSlices.Slice(content!.Value, email, section) ?? default;
            // RFC 3516 §4.2: multiparts and messages have nothing to decode.
            if (part is null or { Type: "multipart" } or { Message: not null }) decoded[i] = body;
            else if (!TransferDecoding.TryDecode(body, part.Encoding, out decoded[i])) return null;
        }
        return decoded;
    }

    private void WriteNewFlags(Entry entry)
    {
        if (!Has(items, FetchData.Flags)) writer.Text(" FLAGS ").Flags(entry.Flags, entry.Keywords);
        if (session.HasEnabled(Enabled.CondStore) && !Has(items, FetchData.ModSeq)) writer.Text(" MODSEQ (").Number(entry.ModSeq).Char(')');
    }

    private async ValueTask<Dictionary<long, StoredEmail>> EmailsAsync(List<int> indexes)
    {
        var messages = session.Selected!.Messages;
        var byId = new Dictionary<long, StoredEmail>(indexes.Count);
        foreach (var email in await session.Store.EmailsAsync(indexes.ConvertAll(index => messages[index].EmailId), session.Token).ConfigureAwait(false)) byId[email.Id] = email;
        return byId;
    }

    private static bool Has(IReadOnlyList<FetchItem> items, FetchData kind) => items.Any(item => item is FetchItem.Data data && data.Kind == kind);
}
