using Sternpost.Filter.Views;

namespace Sternpost.Filter.Classifier;

/// <summary>Words and ordered pairs of what the reader sees, each field for itself.</summary>
internal static class WordFeatures
{
    private const int MaxBodyWords = 1200;
    private const int MaxHiddenWords = 100;
    private const int MaxLinks = 40;

    internal static void Add(MessageUnderJudgement message, FeatureSet set)
    {
        AddText(message.Subject, FeatureField.Subject, FeatureField.SubjectPair, 60, set);
        AddText(message.From.Name, FeatureField.FromName, FeatureField.FromName, 12, set);
        var text = message.Text;
        AddText(text.Visible, FeatureField.Body, FeatureField.BodyPair, MaxBodyWords, set);
        AddText(text.Hidden, FeatureField.Hidden, 0, MaxHiddenWords, set);
        AddDomain(message.From.Domain, FeatureField.FromDomain, set);
        set.Add(WordHash.Of(FeatureField.FromLocalPart, LocalPart(message.From.Address)));
        for (var i = 0; i < text.Links.Count && i < MaxLinks; i++) AddLink(text.Links[i], set);
    }

    private static void AddText(ReadOnlySpan<char> text, uint field, uint pairField, int budget, FeatureSet set)
    {
        var previous = 0u;
        for (var position = 0; budget > 0 && Words.Next(text, ref position, out var word); budget--)
        {
            var hash = WordHash.Of(field, word);
            set.Add(hash);
            if (pairField != 0 && previous != 0) set.Add(WordHash.Pair(previous ^ pairField, hash));
            previous = hash;
        }
    }

    private static void AddLink(Link link, FeatureSet set)
    {
        var host = link.Host;
        AddDomain(host, FeatureField.LinkHost, set);
        var path = link.Path;
        if (path.Length > 120) path = path[..120];
        AddText(path, FeatureField.LinkPath, 0, 8, set);
    }

    // The name itself and each parent down to two labels, so that a fresh subdomain still meets its domain's weight.
    private static void AddDomain(ReadOnlySpan<char> domain, uint field, FeatureSet set)
    {
        for (var depth = 0; depth < 4 && !domain.IsEmpty; depth++)
        {
            set.Add(WordHash.Of(field, domain));
            var dot = domain.IndexOf('.');
            if (dot < 0) return;
            domain = domain[(dot + 1)..];
        }
    }

    private static ReadOnlySpan<char> LocalPart(ReadOnlySpan<char> address)
    {
        var at = address.LastIndexOf('@');
        return at < 0 ? address : address[..at];
    }
}
