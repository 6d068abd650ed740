namespace Sternpost.Filter.Classifier;

/// <summary>Turns a message into features. One per thread: it owns the sets and buffers that are reused.</summary>
internal sealed class FeatureExtractor
{
    [ThreadStatic]
    private static FeatureExtractor? current;

    internal static FeatureExtractor Current => current ??= new FeatureExtractor();

    internal FeatureSet Grams { get; } = new();

    internal FeatureSet Words { get; } = new();

    private readonly byte[] head = new byte[HeadOfMessage.MaxOctets];

    /// <summary>Fills both sets; they stay valid until the next call on this thread.</summary>
    internal void Extract(MessageUnderJudgement message)
    {
        Grams.Clear();
        Words.Clear();
        var length = HeadOfMessage.Write(message, head);
        ByteGrams.Add(head.AsSpan(0, length), Grams);
        WordFeatures.Add(message, Words);
        StructureFeatures.Add(message, Words);
    }

    internal static Features Of(MessageUnderJudgement message)
    {
        var extractor = Current;
        extractor.Extract(message);
        return extractor.Copy();
    }

    internal Features Copy() => new(Grams.Span.ToArray(), Words.Span.ToArray());
}
