using Sternpost.Filter.Verdicts;

namespace Sternpost.Filter.Judges.Phishing;

/// <summary>A well-known name as the sender, from a domain that has nothing to do with it.</summary>
internal sealed class BrandJudge : LocalJudge
{
    internal static readonly Symbol Impersonated = new("BRAND_IMPERSONATED", 1.8, "The sender calls itself by a well-known name but writes from a foreign domain.");

    // The name as phishers write it, and the words one of which an honest domain of it holds.
    private static readonly (string Name, string[] Domains)[] Brands =
    [
        ("paypal", ["paypal"]), ("netflix", ["netflix"]), ("dhl", ["dhl"]), ("fedex", ["fedex"]), ("docusign", ["docusign"]),
        ("dropbox", ["dropbox"]), ("microsoft", ["microsoft", "outlook", "office", "live", "xbox", "skype", "linkedin", "github", "windows"]),
        ("office 365", ["microsoft", "office"]), ("office365", ["microsoft", "office"]), ("american express", ["americanexpress", "aexp"]),
        ("wells fargo", ["wellsfargo", "wf"]), ("chase bank", ["chase", "jpmorgan"]), ("bank of america", ["bankofamerica", "bofa"]),
        ("coinbase", ["coinbase"]), ("metamask", ["metamask"]), ("amazon", ["amazon", "aws", "amzn"]), ("apple support", ["apple"]),
        ("icloud", ["apple", "icloud"]), ("whatsapp", ["whatsapp", "facebook", "meta"]), ("instagram", ["instagram", "facebook", "meta"]),
        ("facebook", ["facebook", "meta"]), ("norton", ["norton", "gen"]), ("mcafee", ["mcafee"]), ("geek squad", ["geeksquad", "bestbuy"]),
    ];

    public override string Name => "brands";

    public override IReadOnlyList<Symbol> Symbols => [Impersonated];

    protected override IReadOnlyList<Finding> Judge(MessageUnderJudgement message)
    {
        var from = message.From;
        // People at lists and forges write in their employer's name; brands do not write through lists.
        if (from.Name.Length == 0 || from.Domain.Length == 0 || message.Header.Has("List-Id"u8) || message.Header.Has("In-Reply-To"u8)) return [];
        foreach (var (name, domains) in Brands)
        {
            if (!IsWord(from.Name, name)) continue;
            foreach (var domain in domains)
            {
                if (from.Domain.Contains(domain, StringComparison.Ordinal)) return [];
            }
            return [Impersonated.Found()];
        }
        return [];
    }

    private static bool IsWord(string text, string word)
    {
        var at = text.IndexOf(word, StringComparison.OrdinalIgnoreCase);
        if (at < 0) return false;
        var end = at + word.Length;
        return (at == 0 || !char.IsAsciiLetterOrDigit(text[at - 1])) && (end == text.Length || !char.IsAsciiLetterOrDigit(text[end]));
    }
}
