namespace Sternpost.Imap.Grammar;

/// <summary>The items of FETCH that take no argument.</summary>
internal enum FetchData
{
    Flags,
    InternalDate,
    Size,
    Envelope,
    Body,
    BodyStructure,
    Uid,
    ModSeq,
    EmailId,
    ThreadId,
    Preview,
}

/// <summary>One thing FETCH was asked for.</summary>
internal abstract record FetchItem
{
    private FetchItem() { }

    /// <summary>An item without argument.</summary>
    internal sealed record Data(FetchData Kind) : FetchItem;

    /// <summary>
    /// BODY[…], BINARY[…] or one of IMAP4rev1's RFC822 items. <paramref name="Name"/> is what stands before the value in the
    /// response, without section and offset.
    /// </summary>
    internal sealed record Octets(string Name, Section Section, (long Offset, long Count)? Partial, bool Seen, bool Decoded) : FetchItem
    {
        /// <summary>True where the response repeats the section: not for the RFC822 items.</summary>
        internal bool HasSection => Name is "BODY" or "BINARY";
    }

    /// <summary>BINARY.SIZE[…].</summary>
    internal sealed record DecodedSize(Section Section) : FetchItem;
}

/// <summary>What a FETCH asks.</summary>
/// <param name="Messages">Of which messages.</param>
/// <param name="Items">What, in this order.</param>
/// <param name="ChangedSince">Only messages changed after this modseq (RFC 7162 §3.1.4.1).</param>
/// <param name="Vanished">Also the uids gone since then (RFC 7162 §3.2.6).</param>
internal sealed record FetchRequest(SequenceSet Messages, IReadOnlyList<FetchItem> Items, long? ChangedSince, bool Vanished);

/// <summary>The arguments of FETCH (RFC 9051 §9 fetch, fetch-att; RFC 4466 §2.4 fetch-modifiers).</summary>
internal static class FetchGrammar
{
    private const int MostItems = 128;

    private static readonly FetchItem[] Fast = [new FetchItem.Data(FetchData.Flags), new FetchItem.Data(FetchData.InternalDate), new FetchItem.Data(FetchData.Size)];
    private static readonly FetchItem[] All = [.. Fast, new FetchItem.Data(FetchData.Envelope)];
    private static readonly FetchItem[] Full = [.. All, new FetchItem.Data(FetchData.Body)];

    /// <summary>fetch = "FETCH" SP sequence-set SP (macro / fetch-att / "(" fetch-att *(SP fetch-att) ")") [fetch-modifiers].</summary>
    internal static bool TryParse(ref ImapScanner scanner, out FetchRequest? request)
    {
        request = null;
        if (!scanner.Space() || !SequenceSet.TryParse(ref scanner, out var set) || !scanner.Space()) return false;
        var items = new List<FetchItem>();
        if (scanner.Take('('))
        {
            do
            {
                if (items.Count >= MostItems) return scanner.Fail("Too many items");
                if (!TryItem(ref scanner, items)) return false;
            }
            while (scanner.Take(' '));
            if (!scanner.Expect(')')) return false;
        }
        else if (!TryItem(ref scanner, items))
        {
            return false;
        }
        if (!TryModifiers(ref scanner, out var changedSince, out var vanished)) return false;
        request = new FetchRequest(set, items, changedSince, vanished);
        return true;
    }

    // fetch-att (§9). The macros are allowed alone only, but taken inside a list too: clients have written FETCH 1 (ALL).
    private static bool TryItem(ref ImapScanner scanner, List<FetchItem> items)
    {
        if (!scanner.Name(out var name)) return false;
        switch (name)
        {
            case "ALL":
                items.AddRange(All);
                return true;
            case "FAST":
                items.AddRange(Fast);
                return true;
            case "FULL":
                items.AddRange(Full);
                return true;
            case "BODY" or "BODY.PEEK" when scanner.Sees('['):
                if (!Section.TryParse(ref scanner, out var section) || !TryPartial(ref scanner, out var partial)) return false;
                items.Add(new FetchItem.Octets("BODY", section, partial, name == "BODY", Decoded: false));
                return true;
            case "BINARY" or "BINARY.PEEK":
                if (!Section.TryBinary(ref scanner, out var binary) || !TryPartial(ref scanner, out var window)) return false;
                items.Add(new FetchItem.Octets("BINARY", binary, window, name == "BINARY", Decoded: true));
                return true;
            case "BINARY.SIZE":
                if (!Section.TryBinary(ref scanner, out var sized)) return false;
                items.Add(new FetchItem.DecodedSize(sized));
                return true;
            case "RFC822":
                items.Add(Whole(name, SectionText.All, seen: true));
                return true;
            case "RFC822.HEADER":
                items.Add(Whole(name, SectionText.Header, seen: false));
                return true;
            case "RFC822.TEXT":
                items.Add(Whole(name, SectionText.Text, seen: true));
                return true;
            case "PREVIEW":
                items.Add(new FetchItem.Data(FetchData.Preview));
                // RFC 8970 §3: (LAZY) lets a server answer NIL where a preview costs too much. Ours is made either way.
                return !scanner.Sees(' ') || !scanner.SeesAfter(1, '(') || scanner.Space() && scanner.Expect('(') && scanner.Name(out var lazy)
                    && (lazy == "LAZY" || scanner.Fail("PREVIEW knows LAZY only")) && scanner.Expect(')');
        }
        FetchData? kind = name switch
        {
            "FLAGS" => FetchData.Flags,
            "INTERNALDATE" => FetchData.InternalDate,
            "RFC822.SIZE" => FetchData.Size,
            "ENVELOPE" => FetchData.Envelope,
            "BODY" => FetchData.Body,
            "BODYSTRUCTURE" => FetchData.BodyStructure,
            "UID" => FetchData.Uid,
            "MODSEQ" => FetchData.ModSeq,
            "EMAILID" => FetchData.EmailId,
            "THREADID" => FetchData.ThreadId,
            _ => null,
        };
        if (kind is null) return scanner.Fail($"There is no FETCH item {name}");
        items.Add(new FetchItem.Data(kind.Value));
        return true;
    }

    private static FetchItem.Octets Whole(string name, SectionText text, bool seen) => new(name, new Section([], text, []), null, seen, Decoded: false);

    // partial = "<" number64 "." nz-number64 ">" (§9).
    private static bool TryPartial(ref ImapScanner scanner, out (long Offset, long Count)? partial)
    {
        partial = null;
        if (!scanner.Take('<')) return true;
        if (!scanner.Number(out var offset) || !scanner.Expect('.') || !scanner.Number(out var count) || !scanner.Expect('>')) return false;
        if (count == 0) return scanner.Fail("A partial fetch needs a length");
        partial = (offset, count);
        return true;
    }

    // fetch-modifiers = SP "(" fetch-modifier *(SP fetch-modifier) ")" (RFC 4466 §2.4); CHANGEDSINCE and VANISHED (RFC 7162 §7).
    private static bool TryModifiers(ref ImapScanner scanner, out long? changedSince, out bool vanished)
    {
        changedSince = null;
        vanished = false;
        if (!scanner.Sees(' ') || !scanner.SeesAfter(1, '(')) return true;
        if (!scanner.Space() || !scanner.Expect('(')) return false;
        do
        {
            if (!scanner.Name(out var name)) return false;
            switch (name)
            {
                case "CHANGEDSINCE":
                    if (!scanner.Space() || !scanner.Number(out var modSeq)) return false;
                    changedSince = modSeq;
                    break;
                case "VANISHED":
                    vanished = true;
                    break;
                default:
                    return scanner.Fail($"There is no FETCH modifier {name}");
            }
        }
        while (scanner.Take(' '));
        return scanner.Expect(')');
    }
}
