namespace Sternpost.Filter.Classifier;

/// <summary>
/// How the message is built, as a few dozen tokens and all pairs of them: a token alone says little (bulk mail has an unsubscribe
/// link, phishing a foreign one), two together much.
/// </summary>
internal static class StructureFeatures
{
    // Their pairs are the cost: 4,005 of 90.
    private const int MaxTokens = 90;

    internal static void Add(MessageUnderJudgement message, FeatureSet set)
    {
        HeaderTokens.Add(message, set);
        ContentTokens.Add(message, set);
        RelationTokens.Add(message, set);
        Span<uint> tokens = stackalloc uint[MaxTokens];
        var count = Math.Min(set.Count, MaxTokens);
        set.Span[..count].CopyTo(tokens);
        for (var i = 0; i < count; i++)
        {
            for (var j = i + 1; j < count; j++) set.Add(Pair(tokens[i], tokens[j]));
        }
    }

    // Without order: which token came first depends on the header's order only.
    private static uint Pair(uint a, uint b) => a < b ? WordHash.Pair(a, b) : WordHash.Pair(b, a);
}
