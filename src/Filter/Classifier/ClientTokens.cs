using Sternpost.Filter.Judges.Phishing;

namespace Sternpost.Filter.Classifier;

/// <summary>How the connecting client's names relate to the sender's: its kind of name, never the name itself, which would teach the route.</summary>
internal static class ClientTokens
{
    internal static void Add(MessageUnderJudgement message, ReadOnlySpan<char> from, FeatureSet set)
    {
        var session = message.Session;
        if (session.Helo.Length == 0) return;
        var path = message.Envelope.ReversePath is { } reversePath ? RelatedDomains.Registered(reversePath.Domain.Ascii) : default;
        if (session.ReverseName is { } reverse)
        {
            ReadOnlySpan<char> name = reverse.Ascii;
            set.Add(Relation("client", name, from, path));
            set.Add(WordHash.Of(FeatureField.ClientTopLevel, name[(name.LastIndexOf('.') + 1)..]));
            var digits = 0;
            foreach (var c in name)
            {
                if (char.IsAsciiDigit(c)) digits++;
            }
            set.Add(Token("client-digits") + (uint)Math.Min(digits / 2, 4));
        }
        else
        {
            set.Add(Token(session.ReverseResult == "fail" ? "client:unnamed" : "client:not-told"));
        }
        set.Add(Relation("helo", session.Helo, from, path));
    }

    private static uint Relation(string who, ReadOnlySpan<char> host, ReadOnlySpan<char> from, ReadOnlySpan<char> path)
    {
        var name = RelatedDomains.Registered(host);
        var relation = name.Equals(from, StringComparison.OrdinalIgnoreCase) ? "of-sender"
            : !path.IsEmpty && name.Equals(path, StringComparison.OrdinalIgnoreCase) ? "of-return-path" : host.Contains('.') ? "of-others" : "no-name";
        return WordHash.Pair(Token(who), Token(relation));
    }

    private static uint Token(string name) => WordHash.Of(FeatureField.Relation, name);
}
