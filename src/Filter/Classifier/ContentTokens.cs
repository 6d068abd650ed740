using System.Numerics;
using Sternpost.Filter.Views;

namespace Sternpost.Filter.Classifier;

/// <summary>The shape of the body: MIME structure, charsets, file extensions, counts in powers of two.</summary>
internal static class ContentTokens
{
    private const int MaxParts = 12;

    internal static void Add(MessageUnderJudgement message, FeatureSet set)
    {
        var mime = message.Mime;
        set.Add(WordHash.Of(FeatureField.ContentType, mime.Shape));
        for (var i = 0; i < mime.Parts.Count && i < MaxParts; i++)
        {
            var part = mime.Parts[i];
            set.Add(WordHash.Of(FeatureField.ContentType, part.ContentType) + (uint)part.Encoding);
            if (part.Charset is { } charset) set.Add(WordHash.Of(FeatureField.Charset, charset));
            if (part.FileName is { } file) set.Add(WordHash.Of(FeatureField.FileName, file.AsSpan()[Math.Max(0, file.LastIndexOf('.'))..]));
        }
        if (mime.Broken) set.Add(WordHash.Of(FeatureField.Shape, "broken-mime"));
        AddCounts(message.Text, set);
    }

    private static void AddCounts(MessageText text, FeatureSet set)
    {
        var images = 0;
        for (var i = 0; i < text.Links.Count; i++)
        {
            if (text.Links[i].IsImage) images++;
        }
        set.Add(Bucket("length", text.Visible.Length));
        set.Add(Bucket("links", text.Links.Count));
        set.Add(Bucket("invisible", text.InvisibleCharacters));
        set.Add(Bucket("hidden", text.Hidden.Length));
        set.Add(Bucket("images", images));
        if (text.Links.Count > 0) set.Add(Bucket("text-for-each-link", text.Visible.Length / text.Links.Count));
        for (var i = 0; i < text.Links.Count; i++)
        {
            if (text.Links[i].IsImage || text.Links[i].Host.IsEmpty) continue;
            AddLinkShape(text.Links[i], set);
            break;
        }
        set.Add(WordHash.Of(FeatureField.Shape, text.HasHtml ? text.HasPlain ? "both" : "html" : "plain"));
    }

    // Of the first link, which is the one the sender wants followed.
    private static void AddLinkShape(Link link, FeatureSet set)
    {
        int dots = link.Host.Count('.'), digits = 0;
        foreach (var c in link.Host)
        {
            if (char.IsAsciiDigit(c)) digits++;
        }
        set.Add(WordHash.Of(FeatureField.LinkShape, "labels") + (uint)Math.Min(dots, 5));
        set.Add(WordHash.Of(FeatureField.LinkShape, "digits") + (uint)Math.Min(digits, 4));
        set.Add(Bucket("path", link.Path.Length));
    }

    private static uint Bucket(string name, int count) =>
        WordHash.Of(FeatureField.Shape, name) + (uint)BitOperations.Log2((uint)count + 1) + 1;
}
