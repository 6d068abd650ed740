using Sternpost.Mailboxes;

namespace Sternpost.Imap.Grammar;

/// <summary>How a date or a size is compared.</summary>
internal enum Comparison
{
    /// <summary>BEFORE, SMALLER.</summary>
    Below,
    /// <summary>ON.</summary>
    Same,
    /// <summary>SINCE: the day itself too.</summary>
    SameOrAbove,
    /// <summary>LARGER.</summary>
    Above,
}

/// <summary>search-key (RFC 9051 §9 and §6.4.4), as a tree.</summary>
internal abstract record SearchKey
{
    private SearchKey() { }

    /// <summary>ALL and OLD, or with false NEW and RECENT, which no message ever is here.</summary>
    internal sealed record Constant(bool Value) : SearchKey;

    /// <summary>Keys side by side.</summary>
    internal sealed record And(IReadOnlyList<SearchKey> Keys) : SearchKey;

    internal sealed record Or(SearchKey Left, SearchKey Right) : SearchKey;

    internal sealed record Not(SearchKey Key) : SearchKey;

    /// <summary>SEEN, UNSEEN and their kin.</summary>
    internal sealed record Flag(MessageFlags Value, bool Set) : SearchKey;

    internal sealed record Keyword(string Value, bool Set) : SearchKey;

    /// <summary>BEFORE, ON, SINCE on INTERNALDATE.</summary>
    internal sealed record Received(Comparison Comparison, DateOnly Day) : SearchKey;

    /// <summary>SENTBEFORE, SENTON, SENTSINCE on the Date field.</summary>
    internal sealed record Sent(Comparison Comparison, DateOnly Day) : SearchKey;

    /// <summary>YOUNGER and OLDER (RFC 5032), in seconds.</summary>
    internal sealed record Age(bool Younger, long Seconds) : SearchKey;

    internal sealed record Size(Comparison Comparison, long Octets) : SearchKey;

    /// <summary>A set of sequence numbers, or of uids.</summary>
    internal sealed record Messages(SequenceSet Set, bool ByUid) : SearchKey;

    /// <summary>HEADER, and FROM, TO, CC, BCC, SUBJECT. An empty text asks only that the field is there.</summary>
    internal sealed record Header(string Field, string Text) : SearchKey;

    /// <summary>BODY, or with the header TEXT.</summary>
    internal sealed record Words(string Value, bool WithHeader) : SearchKey;

    /// <summary>MODSEQ: changed at this modseq or after (RFC 7162 §3.1.5).</summary>
    internal sealed record ModSeq(long Least) : SearchKey;

    /// <summary>EMAILID (RFC 8474 §5.3).</summary>
    internal sealed record EmailId(string Value) : SearchKey;

    /// <summary>THREADID (RFC 8474 §5.3).</summary>
    internal sealed record ThreadId(string Value) : SearchKey;
}

/// <summary>What SEARCH RETURN asks for (RFC 4731, RFC 5182).</summary>
[Flags]
internal enum SearchReturn
{
    None = 0,
    Min = 1,
    Max = 2,
    All = 4,
    Count = 8,
    Save = 16,
}
