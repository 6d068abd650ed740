using Sternpost.Mailboxes;

namespace Sternpost.Imap.Grammar;

/// <summary>A search program: what is sought, and whether it names modseqs, which turns CONDSTORE on (RFC 7162 §3.1.2).</summary>
internal sealed record SearchProgram(SearchKey Key, bool UsesModSeq);

/// <summary>The arguments of SEARCH, SORT and THREAD (RFC 9051 §9 search-program).</summary>
internal static class SearchGrammar
{
    private const int Deepest = 32;
    private const int MostKeys = 1000;

    /// <summary>search-return-opts = SP "RETURN" SP "(" [search-return-opt *(SP search-return-opt)] ")" (§9); None where absent.</summary>
    internal static bool TryReturn(ref ImapScanner scanner, out SearchReturn asked)
    {
        asked = SearchReturn.None;
        if (!scanner.TakeName("RETURN")) return true;
        if (!scanner.Space() || !scanner.Expect('(')) return false;
        if (scanner.Take(')'))
        {
            // RFC 4731 §3.1: an empty list means ALL.
            asked = SearchReturn.All;
            return scanner.Space();
        }
        do
        {
            if (!scanner.Name(out var name)) return false;
            SearchReturn? option = name switch
            {
                "MIN" => SearchReturn.Min,
                "MAX" => SearchReturn.Max,
                "ALL" => SearchReturn.All,
                "COUNT" => SearchReturn.Count,
                "SAVE" => SearchReturn.Save,
                _ => null,
            };
            if (option is null) return scanner.Fail($"There is no search result option {name}");
            asked |= option.Value;
        }
        while (scanner.Take(' '));
        return scanner.Expect(')') && scanner.Space();
    }

    /// <summary>"CHARSET" SP charset SP, where present.</summary>
    internal static bool TryCharset(ref ImapScanner scanner, out string? charset)
    {
        charset = null;
        if (!scanner.TakeName("CHARSET")) return true;
        if (!scanner.Space() || !scanner.AString(out var name) || !scanner.Space()) return false;
        charset = name;
        return true;
    }

    /// <summary>True for the charsets searches may be in: everything is compared as Unicode.</summary>
    internal static bool IsCharsetKnown(string charset) =>
        charset.Equals("UTF-8", StringComparison.OrdinalIgnoreCase) || charset.Equals("US-ASCII", StringComparison.OrdinalIgnoreCase);

    /// <summary>search-key *(SP search-key) to the end of the command.</summary>
    internal static bool TryKeys(ref ImapScanner scanner, out SearchProgram? program)
    {
        program = null;
        var budget = new Budget();
        var keys = new List<SearchKey>();
        do
        {
            if (!TryKey(ref scanner, ref budget, 0, out var key)) return false;
            keys.Add(key!);
        }
        while (scanner.Take(' ') && !scanner.AtEnd);
        program = new SearchProgram(keys.Count == 1 ? keys[0] : new SearchKey.And(keys), budget.ModSeq);
        return true;
    }

    private static bool TryKey(ref ImapScanner scanner, ref Budget budget, int depth, out SearchKey? key)
    {
        key = null;
        if (depth > Deepest) return scanner.Fail("The search is nested too deep");
        if (++budget.Keys > MostKeys) return scanner.Fail("The search has too many keys");
        if (scanner.Sees('(')) return TryList(ref scanner, ref budget, depth, out key);
        if (scanner.SeesDigit() || scanner.Sees('*') || scanner.Sees('$'))
        {
            if (!SequenceSet.TryParse(ref scanner, out var set)) return false;
            key = new SearchKey.Messages(set, ByUid: false);
            return true;
        }
        if (!scanner.Name(out var name)) return false;
        key = Plain(name);
        if (key is not null) return true;
        switch (name)
        {
            case "NOT":
                if (!scanner.Space() || !TryKey(ref scanner, ref budget, depth + 1, out var negated)) return false;
                key = new SearchKey.Not(negated!);
                return true;
            case "OR":
                if (!scanner.Space() || !TryKey(ref scanner, ref budget, depth + 1, out var left)
                    || !scanner.Space() || !TryKey(ref scanner, ref budget, depth + 1, out var right)) return false;
                key = new SearchKey.Or(left!, right!);
                return true;
            case "UID":
                if (!scanner.Space() || !SequenceSet.TryParse(ref scanner, out var uids)) return false;
                key = new SearchKey.Messages(uids, ByUid: true);
                return true;
            case "MODSEQ":
                budget.ModSeq = true;
                return TryModSeq(ref scanner, out key);
            default:
                return TryArgument(ref scanner, name, out key);
        }
    }

    // "(" search-key *(SP search-key) ")"
    private static bool TryList(ref ImapScanner scanner, ref Budget budget, int depth, out SearchKey? key)
    {
        key = null;
        scanner.Take('(');
        var keys = new List<SearchKey>();
        do
        {
            if (!TryKey(ref scanner, ref budget, depth + 1, out var inner)) return false;
            keys.Add(inner!);
        }
        while (scanner.Take(' '));
        if (!scanner.Expect(')')) return false;
        key = keys.Count == 1 ? keys[0] : new SearchKey.And(keys);
        return true;
    }

    private static SearchKey? Plain(string name) => name switch
    {
        "ALL" => new SearchKey.Constant(true),
        "ANSWERED" => new SearchKey.Flag(MessageFlags.Answered, true),
        "UNANSWERED" => new SearchKey.Flag(MessageFlags.Answered, false),
        "DELETED" => new SearchKey.Flag(MessageFlags.Deleted, true),
        "UNDELETED" => new SearchKey.Flag(MessageFlags.Deleted, false),
        "DRAFT" => new SearchKey.Flag(MessageFlags.Draft, true),
        "UNDRAFT" => new SearchKey.Flag(MessageFlags.Draft, false),
        "FLAGGED" => new SearchKey.Flag(MessageFlags.Flagged, true),
        "UNFLAGGED" => new SearchKey.Flag(MessageFlags.Flagged, false),
        "SEEN" => new SearchKey.Flag(MessageFlags.Seen, true),
        "UNSEEN" => new SearchKey.Flag(MessageFlags.Seen, false),
        // RFC 9051 has no \Recent; to a client of RFC 3501 §6.4.4 every message is old.
        "NEW" or "RECENT" => new SearchKey.Constant(false),
        "OLD" => new SearchKey.Constant(true),
        _ => null,
    };

    private static bool TryArgument(ref ImapScanner scanner, string name, out SearchKey? key)
    {
        key = null;
        switch (name)
        {
            case "BCC" or "CC" or "FROM" or "TO" or "SUBJECT":
                if (!scanner.Space() || !scanner.AString(out var text)) return false;
                key = new SearchKey.Header(name, text);
                return true;
            case "HEADER":
                if (!scanner.Space() || !scanner.AString(out var field) || !scanner.Space() || !scanner.AString(out var sought)) return false;
                key = new SearchKey.Header(field, sought);
                return true;
            case "BODY" or "TEXT":
                if (!scanner.Space() || !scanner.AString(out var words)) return false;
                key = new SearchKey.Words(words, name == "TEXT");
                return true;
            case "BEFORE" or "ON" or "SINCE":
                if (!scanner.Space() || !ImapDates.TryDate(ref scanner, out var day)) return false;
                key = new SearchKey.Received(Comparing(name), day);
                return true;
            case "SENTBEFORE" or "SENTON" or "SENTSINCE":
                if (!scanner.Space() || !ImapDates.TryDate(ref scanner, out var sent)) return false;
                key = new SearchKey.Sent(Comparing(name[4..]), sent);
                return true;
            case "LARGER" or "SMALLER":
                if (!scanner.Space() || !scanner.Number(out var octets)) return false;
                key = new SearchKey.Size(name == "LARGER" ? Comparison.Above : Comparison.Below, octets);
                return true;
            case "KEYWORD" or "UNKEYWORD":
                if (!scanner.Space() || !scanner.Atom(out var keyword)) return false;
                key = new SearchKey.Keyword(keyword, name == "KEYWORD");
                return true;
            case "YOUNGER" or "OLDER":
                if (!scanner.Space() || !scanner.NzNumber(out var seconds)) return false;
                key = new SearchKey.Age(name == "YOUNGER", seconds);
                return true;
            case "EMAILID":
                if (!scanner.Space() || !scanner.AString(out var emailId)) return false;
                key = new SearchKey.EmailId(emailId);
                return true;
            case "THREADID":
                if (!scanner.Space() || !scanner.AString(out var threadId)) return false;
                key = new SearchKey.ThreadId(threadId);
                return true;
            default:
                return scanner.Fail($"There is no search key {name}");
        }
    }

    // "MODSEQ" [SP entry-name SP entry-type-req] SP mod-sequence-valzer (RFC 7162 §7). Flags have one modseq together, so the entry is only skipped.
    private static bool TryModSeq(ref ImapScanner scanner, out SearchKey? key)
    {
        key = null;
        if (!scanner.Space()) return false;
        if (scanner.Sees('"') && !(scanner.String(out _) && scanner.Space() && scanner.Name(out var type)
            && (type is "PRIV" or "SHARED" or "ALL" || scanner.Fail("An entry type is priv, shared or all")) && scanner.Space())) return false;
        if (!scanner.Number(out var least)) return false;
        key = new SearchKey.ModSeq(least);
        return true;
    }

    private static Comparison Comparing(string name) => name switch
    {
        "BEFORE" => Comparison.Below,
        "ON" => Comparison.Same,
        _ => Comparison.SameOrAbove,
    };

    private struct Budget
    {
        internal int Keys;
        internal bool ModSeq;
    }
}
