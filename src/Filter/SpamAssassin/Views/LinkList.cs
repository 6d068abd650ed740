using System.Text.RegularExpressions;
using Sternpost.Filter.SpamAssassin.Patterns;
using Sternpost.Filter.SpamAssassin.Rules;

namespace Sternpost.Filter.SpamAssassin.Views;

/// <summary>One link of a message, all that is known of it.</summary>
internal sealed class LinkDetail
{
    /// <summary>Elements it stood in; "parsed" where it was found in text, "unlinked" where only a host was.</summary>
    internal HashSet<string> Types { get; } = new(StringComparer.Ordinal);

    internal HashSet<string> Cleaned { get; } = new(StringComparer.Ordinal);

    internal HashSet<string> Domains { get; } = new(StringComparer.Ordinal);

    /// <summary>Hosts, each with its registered domain.</summary>
    internal Dictionary<string, string> Hosts { get; } = new(StringComparer.Ordinal);

    internal List<string> AnchorTexts { get; } = [];
}

/// <summary>All links of a message: those in its text, in its HTML and in its DKIM signatures.</summary>
internal sealed partial class LinkList
{
    private const int MostLinks = 2000;

    private readonly RuleData data;
    private readonly RunBudget budget;

    internal LinkList(RuleData data, RunBudget budget)
    {
        this.data = data;
        this.budget = budget;
    }

    internal Dictionary<string, LinkDetail> Links { get; } = new(StringComparer.Ordinal);

    /// <summary>Every form of every link, each once.</summary>
    internal HashSet<string> All { get; } = new(StringComparer.Ordinal);

    internal bool Truncated { get; private set; }

    internal void AddText(IReadOnlyList<string> lines)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var line in lines)
        {
            foreach (var link in TextLinks.Find(line, data.Domains))
            {
                if (Links.Count >= MostLinks || !budget.Allows()) return;
                AddFound(link, seen);
            }
        }
    }

    private void AddFound(TextLink link, HashSet<string> seen)
    {
        var raw = TrailingSigns().Replace(Parenthesis().Replace(link.Text, "$1"), "");
        if (raw.Length == 0 || !seen.Add(raw)) return;
        if (link.Kind == TextLinkKind.Mail && !raw.Contains('@', StringComparison.Ordinal)) return;
        if (link.Host is not null && !HostNames.IsFullName(ByteText.Lower(link.Host))) return;
        if (ContentId().IsMatch(raw) || SchemeAlone().IsMatch(raw)) return;
        List<string> types = ["parsed"];
        var uri = raw;
        if (!KnownScheme().IsMatch(uri))
        {
            types.Add("schemeless");
            if (uri.StartsWith("ftp.", StringComparison.OrdinalIgnoreCase)) uri = "ftp://" + uri;
            else if (Www().IsMatch(uri) || SlashThenSign().IsMatch(uri)) uri = "http://" + uri;
            else if (uri.Contains('@', StringComparison.Ordinal))
            {
                if (!SignThenDot().IsMatch(uri) || uri.Contains("&nbsp;", StringComparison.Ordinal)) return;
                uri = "mailto:" + Misparse().Replace(uri, "");
            }
            else
            {
                if (!uri.Contains('.', StringComparison.Ordinal)) return;
                uri = "http://" + uri;
                types.Add("unlinked");
            }
        }
        if (uri.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase))
        {
            if (PerCent().IsMatch(uri)) uri = UriCanonical.Unescape(uri);
            var host = HostOfMail().Match(uri);
            if (!host.Success || !data.Domains.IsValid(TrailingSpaces().Replace(host.Groups[1].Value, ""))) return;
        }
        Add(uri, types, needsDomain: true);
    }

    internal void AddHtml(HtmlFindings html)
    {
        Truncated |= html.UriTruncated;
        foreach (var (characters, link) in html.Links)
        {
            if (Links.Count >= MostLinks || !budget.Allows()) return;
            var uri = ByteText.FromUnicode(characters);
            if (!Add(uri, link.Types.Count == 0 ? ["parsed"] : link.Types, needsDomain: false)) continue;
            foreach (var text in link.AnchorTexts.Distinct(StringComparer.Ordinal)) Links[uri].AnchorTexts.Add(ByteText.FromUnicode(text));
        }
    }

    /// <summary>Domains that signed, as links of a kind of their own that uri rules do not see.</summary>
    internal void AddSignature(string field)
    {
        foreach (Match match in SigningDomain().Matches(field))
        {
            if (Links.Count >= MostLinks) return;
            var uri = "domainkeys:" + string.Concat(match.Groups[1].Value.Where(c => !char.IsWhiteSpace(c)));
            if (data.Domains.OfUri(uri) is not { } found) continue;
            var detail = DetailOf(uri);
            detail.Types.UnionWith(["domainkeys", "nocanon", "noclean"]);
            detail.Domains.Add(found.Domain);
            detail.Hosts[found.Host] = found.Domain;
        }
    }

    private LinkDetail DetailOf(string uri)
    {
        if (!Links.TryGetValue(uri, out var detail)) Links.Add(uri, detail = new LinkDetail());
        return detail;
    }

    private bool Add(string uri, IEnumerable<string> types, bool needsDomain)
    {
        var forms = UriCanonical.Of(uri, data.Redirectors, data.Domains, budget);
        var cleaned = new List<string>(forms.Count);
        var found = new List<(string Domain, string Host)>();
        foreach (var form in forms)
        {
            var clean = form;
            if (clean.Length > HtmlRendering.LongestUri)
            {
                Truncated = true;
                clean = clean[..HtmlRendering.LongestUri];
            }
            cleaned.Add(clean);
            if (data.Domains.OfUri(clean) is { } domain) found.Add(domain);
        }
        if (cleaned.Count == 0 || (needsDomain && found.Count == 0)) return false;
        var detail = DetailOf(uri);
        detail.Cleaned.UnionWith(cleaned);
        All.UnionWith(cleaned);
        foreach (var (domain, host) in found)
        {
            detail.Domains.Add(domain);
            detail.Hosts[host] = domain;
        }
        detail.Types.UnionWith(types);
        return true;
    }

    // A closing parenthesis without an opening one ends the link.
    [GeneratedRegex(@"(^[^(]*)\).*$")]
    private static partial Regex Parenthesis();

    [GeneratedRegex(@"[-~!@#^&*()_+=:;'?,.]*$")]
    private static partial Regex TrailingSigns();

    [GeneratedRegex("^[cm]id:", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ContentId();

    [GeneratedRegex(@"^\w+:/{0,2}$")]
    private static partial Regex SchemeAlone();

    [GeneratedRegex("^(?:https?|ftp|mailto):", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex KnownScheme();

    [GeneratedRegex(@"^www\d{0,2}\.", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Www();

    [GeneratedRegex("/.+@")]
    private static partial Regex SlashThenSign();

    [GeneratedRegex(@"@.+?\.")]
    private static partial Regex SignThenDot();

    [GeneratedRegex("^(?:skype|e?-?mail)?:+", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Misparse();

    [GeneratedRegex("%[0-9a-fA-F]{2}")]
    private static partial Regex PerCent();

    [GeneratedRegex("@([^?&>]*)")]
    private static partial Regex HostOfMail();

    [GeneratedRegex("(?:%20)+$")]
    private static partial Regex TrailingSpaces();

    [GeneratedRegex(@"\bd\s*=\s*([^;]+)")]
    private static partial Regex SigningDomain();
}
