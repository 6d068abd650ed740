namespace Sternpost.Filter.Classifier;

/// <summary>Turns a message into features. One per thread: it owns the set that is reused.</summary>
internal sealed class FeatureExtractor
{
    [ThreadStatic]
    private static FeatureExtractor? current;

    private readonly FeatureSet set = new();

    /// <summary>All features of a message.</summary>
    internal static Features Of(MessageUnderJudgement message) => (current ??= new FeatureExtractor()).Extract(message);

    private Features Extract(MessageUnderJudgement message)
    {
        var sets = new uint[Features.Kinds][];
        ByteGrams.AddHeader(message.Header, set);
        sets[(int)FeatureKind.Header] = Take();
        ByteGrams.AddBody(message.Mime, set);
        sets[(int)FeatureKind.Body] = Take();
        WordFeatures.Add(message, set);
        sets[(int)FeatureKind.Words] = Take();
        StructureFeatures.Add(message, set);
        sets[(int)FeatureKind.Structure] = Take();
        TextGrams.Add(message.Subject, FeatureField.SubjectText, set);
        TextGrams.Add(message.Text.Visible, FeatureField.BodyText, set);
        sets[(int)FeatureKind.Text] = Take();
        ByteGrams.AddRaw(message.Raw.Span, set);
        sets[(int)FeatureKind.Raw] = Take();
        return new Features(sets);
    }

    private uint[] Take()
    {
        var features = set.Span.ToArray();
        set.Clear();
        return features;
    }
}
