namespace Sternpost.Filter.SpamAssassin.Patterns;

/// <summary>A part of a Perl pattern, its modifiers already worked in.</summary>
internal abstract record PatternNode;

/// <summary>One octet of a set.</summary>
internal sealed record OctetNode(ByteSet Set) : PatternNode;

/// <summary>Parts one after another; none is the empty pattern.</summary>
internal sealed record SequenceNode(IReadOnlyList<PatternNode> Parts) : PatternNode
{
    internal static readonly SequenceNode Empty = new([]);
}

/// <summary>One of several.</summary>
internal sealed record AlternationNode(IReadOnlyList<PatternNode> Branches) : PatternNode;

/// <summary>A part several times; <paramref name="Most"/> is -1 for any number.</summary>
internal sealed record RepeatNode(PatternNode Part, int Least, int Most, RepeatManner Manner) : PatternNode;

/// <summary>A capturing group.</summary>
internal sealed record CaptureNode(PatternNode Part, int Number, string? Name) : PatternNode;

/// <summary>A group that gives nothing back once matched.</summary>
internal sealed record AtomicNode(PatternNode Part) : PatternNode;

/// <summary>A condition on what follows or went before.</summary>
internal sealed record LookNode(PatternNode Part, bool Behind, bool Negative) : PatternNode;

/// <summary>A place without width, as .NET writes it.</summary>
internal sealed record AnchorNode(string Text) : PatternNode;

/// <summary>What a group matched, again.</summary>
internal sealed record BackreferenceNode(string Group, bool IgnoreCase) : PatternNode;

/// <summary>One of two, by whether a group has matched.</summary>
internal sealed record ConditionNode(string Group, PatternNode Yes, PatternNode No) : PatternNode;

/// <summary>How a repetition takes and gives back.</summary>
internal enum RepeatManner
{
    /// <summary>As much as possible, giving back.</summary>
    Greedy,
    /// <summary>As little as possible.</summary>
    Lazy,
    /// <summary>As much as possible, giving nothing back.</summary>
    Possessive,
}
