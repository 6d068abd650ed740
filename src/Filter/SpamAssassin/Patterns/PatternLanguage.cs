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
}
