using Sternpost.Filter.Classifier;
using Sternpost.Filter.Judges.Phishing;
using Sternpost.Messages.Envelopes;

namespace Sternpost.Filter.Outgoing;

/// <summary>What the filter sees in a message that a user sends.</summary>
/// <param name="Score">The classifier's log-odds of spam. It was trained on mail that has travelled, so only a comparison with the sender's own other mail means much.</param>
/// <param name="LinkDomains">The registered domains its links lead to, a few at most.</param>
/// <param name="Script">The script most of its letters belong to: "Latin", "Cyrillic"; empty where there are too few to tell.</param>
public sealed record OutgoingView(double Score, IReadOnlyList<string> LinkDomains, string Script)
{
    /// <summary>Nothing was looked at.</summary>
    public static OutgoingView None { get; } = new(0, [], "");
}

/// <summary>Looks at outgoing mail: no lookups, no authentication, no lists; what its words and links are.</summary>
public sealed class OutgoingContent(StatisticalClassifier classifier)
{
    private const int MostDomains = 8;
    private const int LeastLetters = 40;

    /// <summary>Looks at one message.</summary>
    public OutgoingView Look(SessionFacts session, Envelope envelope, ReadOnlyMemory<byte> content)
    {
        var message = new MessageUnderJudgement(session, envelope, content);
        var domains = new List<string>();
        foreach (var link in message.Text.Links)
        {
            if (domains.Count == MostDomains) break;
            var domain = RelatedDomains.Registered(link.Host).ToString();
            if (domain.Length > 0 && !domains.Contains(domain)) domains.Add(domain);
        }
        return new OutgoingView(classifier.LogOdds(FeatureExtractor.Of(message)), domains, Script(message.Text.Visible));
    }

    // Blocks of Unicode, coarsely: enough to notice that a German's mail is suddenly Chinese.
    private static string Script(ReadOnlySpan<char> text)
    {
        Span<int> counts = stackalloc int[6];
        foreach (var c in text[..Math.Min(text.Length, 4000)])
        {
            if (!char.IsLetter(c)) continue;
            counts[c switch
            {
                < '\u0250' => 0,
                >= '\u0370' and < '\u0400' => 1,
                >= '\u0400' and < '\u0530' => 2,
                >= '\u0590' and < '\u0780' => 3,
                >= '\u2E80' and < '\uFB00' => 4,
                _ => 5,
            }]++;
        }
        var most = 0;
        var all = 0;
        for (var i = 0; i < counts.Length; i++)
        {
            all += counts[i];
            if (counts[i] > counts[most]) most = i;
        }
        return all < LeastLetters ? "" : ((string[])["Latin", "Greek", "Cyrillic", "Semitic", "East Asian", "other"])[most];
    }
}
