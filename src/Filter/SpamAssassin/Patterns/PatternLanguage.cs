namespace Sternpost.Filter.SpamAssassin.Patterns;

/// <summary>What of a pattern an automaton can have.</summary>
internal static class PatternLanguage
{
    /// <summary>
    /// True where an automaton finds just the texts that match: nothing looks around but at word and line ends, nothing remembers, nothing
    /// that was taken is kept from being given back. Of any other pattern it finds those and more.
    /// </summary>
    internal static bool IsRegular(PatternNode node) => node switch
    {
        LookNode or AtomicNode or BackreferenceNode or ConditionNode => false,
        AnchorNode anchor => KindOf(anchor) is not null,
        SequenceNode sequence => sequence.Parts.All(IsRegular),
        AlternationNode alternation => alternation.Branches.All(IsRegular),
        RepeatNode repeat => repeat.Manner != RepeatManner.Possessive && IsRegular(repeat.Part),
        CaptureNode capture => IsRegular(capture.Part),
        _ => true,
    };

    /// <summary>The condition of an anchor; null for one that an automaton does not know.</summary>
    internal static PlaceKind? KindOf(AnchorNode anchor) => anchor.Text switch
    {
        "\\A" => PlaceKind.TextStart,
        "(?m:^)" => PlaceKind.LineStart,
        "\\z" => PlaceKind.TextEnd,
        "\\Z" => PlaceKind.LastLineEnd,
        "(?m:$)" => PlaceKind.LineEnd,
        "\\b" => PlaceKind.WordEdge,
        "\\B" => PlaceKind.NoWordEdge,
        _ => null,
    };

    /// <summary>Places an automaton needs for the pattern, with room for what joins them; never more than <see cref="int.MaxValue"/>.</summary>
    internal static int Size(PatternNode node) => (int)Math.Min(int.MaxValue, Places(node));

    private static double Places(PatternNode node) => node switch
    {
        SequenceNode sequence => sequence.Parts.Sum(Places),
        AlternationNode alternation => alternation.Branches.Sum(Places) + alternation.Branches.Count,
        RepeatNode repeat => ((Places(repeat.Part) + 1) * Math.Max(1, Math.Max(repeat.Least, repeat.Most))) + 2,
        CaptureNode capture => Places(capture.Part),
        AtomicNode atomic => Places(atomic.Part),
        ConditionNode condition => Places(condition.Yes) + Places(condition.No) + 1,
        BackreferenceNode => 2,
        LookNode => 0,
        _ => 1,
    };

    /// <summary>Octets a match can have, those that conditions look at included; infinite where there is no limit or the ends of the text or of lines are looked for.</summary>
    internal static double Longest(PatternNode node) => node switch
    {
        OctetNode => 1,
        SequenceNode sequence => sequence.Parts.Sum(Longest),
        AlternationNode alternation => alternation.Branches.Max(Longest),
        RepeatNode repeat => repeat.Most < 0 ? double.PositiveInfinity : repeat.Most == 0 ? 0 : repeat.Most * Longest(repeat.Part),
        CaptureNode capture => Longest(capture.Part),
        AtomicNode atomic => Longest(atomic.Part),
        LookNode look => Longest(look.Part),
        AnchorNode anchor => KindOf(anchor) is PlaceKind.TextStart or PlaceKind.LineStart or PlaceKind.WordEdge or PlaceKind.NoWordEdge ? 1 : double.PositiveInfinity,
        ConditionNode condition => Longest(condition.Yes) + Longest(condition.No),
        _ => double.PositiveInfinity,
    };

    /// <summary>True where any match begins at the start of the text.</summary>
    internal static bool IsOnlyAtStart(PatternNode node) => node switch
    {
        AnchorNode anchor => KindOf(anchor) is PlaceKind.TextStart,
        SequenceNode sequence => sequence.Parts.Count > 0 && IsOnlyAtStart(sequence.Parts[0]),
        AlternationNode alternation => alternation.Branches.All(IsOnlyAtStart),
        CaptureNode capture => IsOnlyAtStart(capture.Part),
        AtomicNode atomic => IsOnlyAtStart(atomic.Part),
        _ => false,
    };

    /// <summary>True where the pattern may match without an octet.</summary>
    internal static bool MayBeEmpty(PatternNode node) => node switch
    {
        OctetNode => false,
        SequenceNode sequence => sequence.Parts.All(MayBeEmpty),
        AlternationNode alternation => alternation.Branches.Any(MayBeEmpty),
        RepeatNode repeat => repeat.Least == 0 || MayBeEmpty(repeat.Part),
        CaptureNode capture => MayBeEmpty(capture.Part),
        AtomicNode atomic => MayBeEmpty(atomic.Part),
        ConditionNode condition => MayBeEmpty(condition.Yes) || MayBeEmpty(condition.No),
        _ => true,
    };
}
