using Sternpost.Filter.Verdicts;
using Sternpost.Filter.Views;

namespace Sternpost.Filter.Judges.Phishing;

/// <summary>Links that show one address and lead to another.</summary>
internal sealed class LinkMismatchJudge : LocalJudge
{
    private static readonly Symbol Mismatch = new("LINK_MISMATCH", 0.5, "A link shows one address and leads to another.");
    private static readonly Symbol UserPart = new("LINK_USER_PART", 2.5, "A link hides its true host behind an at sign.");
    private static readonly Symbol Numeric = new("LINK_NUMERIC_HOST", 0.7, "A link leads to a bare address instead of a name.");

    public override string Name => "link-mismatch";

    public override IReadOnlyList<Symbol> Symbols => [Mismatch, UserPart, Numeric];

    protected override IReadOnlyList<Finding> Judge(MessageUnderJudgement message)
    {
        bool mismatch = false, user = false, numeric = false;
        for (var i = 0; i < message.Text.Links.Count; i++)
        {
            var link = message.Text.Links[i];
            if (link.IsImage) continue;
            mismatch |= Differs(link, message.From.Domain);
            user |= link.HasUserPart;
            numeric |= link.Host.Length >= 7 && System.Net.IPAddress.TryParse(link.Host, out _);
        }
        if (!mismatch && !user && !numeric) return [];
        var findings = new List<Finding>(3);
        if (mismatch) findings.Add(Mismatch.Found());
        if (user) findings.Add(UserPart.Found());
        if (numeric) findings.Add(Numeric.Found());
        return findings;
    }

    // Newsletters lead through their sender's or their mailer's counter; that alone proves nothing, hence the small weight
    // and the exception where shown name, true host or sender belong together.
    private static bool Differs(Link link, string fromDomain)
    {
        if (ReferenceEquals(link.Target, link.Text) || link.Text.Length is < 8 or > 120) return false;
        if (!link.Text.StartsWith("http", StringComparison.OrdinalIgnoreCase)) return false;
        var shown = Link.HostOf(link.Text);
        var actual = link.Host;
        if (shown.IndexOf('.') <= 0 || actual.IsEmpty) return false;
        return !RelatedDomains.Same(shown, actual) && !RelatedDomains.Same(actual, fromDomain);
    }
}
