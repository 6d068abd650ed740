using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Sternpost.Filter.SpamAssassin.Patterns;
using Sternpost.Filter.SpamAssassin.Views;

namespace Sternpost.Filter.SpamAssassin.Evals;

/// <summary>Functions on HTML.</summary>
internal static partial class HtmlFunctions
{
    // Patterns among arguments come from rule files, so their number is that of the rules.
    private static readonly ConcurrentDictionary<string, RuleRegex?> Patterns = new(StringComparer.Ordinal);

    internal static readonly (string Name, EvalFunction Function)[] All =
    [
        ("html_tag_balance", (scan, arguments) => scan.Html.Exists(html => html.Inside.TryGetValue(arguments.At(0), out var depth) && Compare(depth, arguments.At(1)))),
        ("html_tag_exists", (scan, arguments) => scan.Html.Exists(html => html.Inside.ContainsKey(arguments.At(0)))),
        ("html_image_only", (scan, arguments) => scan.Html.Exists(html => html.Inside.ContainsKey("img") && html.Length > (arguments.NumberAt(0) ?? 0) && html.Length <= (arguments.NumberAt(1) ?? 0))),
        ("html_image_ratio", (scan, arguments) => scan.Html.Exists(html => html.ImageArea > 0 && Between((double)html.NonSpaceLength / html.ImageArea, arguments, 0))),
        ("html_charset_faraway", (_, _) => false),
        ("html_test", (scan, arguments) => scan.Html.Exists(html => html.Number(arguments.At(0)) is { } value && value != 0)),
        ("html_eval", (scan, arguments) => scan.Html.Exists(html => html.Number(arguments.At(0)) is { } value && Compare(value, arguments.At(1)))),
        ("html_range", (scan, arguments) => scan.Html.Exists(html => html.Number(arguments.At(0)) is { } value && Between(value, arguments, 1))),
        ("html_text_match", (scan, arguments) => scan.Html.SelectMany(html => html.Texts(arguments.At(0))).Any(text => Matches(text, arguments.At(1), scan))),
        ("html_text_not_match", (scan, arguments) => scan.Html.SelectMany(html => html.Texts(arguments.At(0))).Any(text => !Matches(text, arguments.At(1), scan))),
        ("html_title_subject_ratio", TitleToSubject),
        ("check_iframe_src", (scan, _) => scan.Html.Exists(html => html.Links.Values.Any(link => link.Types.Contains("iframe")))),
        ("check_https_http_mismatch", HttpsMismatch),
        ("check_https_ip_mismatch", HttpsAddressMismatch),
    ];

    private static bool Between(double value, string[] arguments, int first) =>
        value > (arguments.NumberAt(first) ?? 0) && (arguments.At(first + 1) is "" or "inf" || value <= (arguments.NumberAt(first + 1) ?? double.MaxValue));

    private static bool Compare(double value, string expression) =>
        Comparison().Match(expression) is { Success: true } match && double.TryParse(match.Groups[2].ValueSpan, out var other) && match.Groups[1].Value switch
        {
            "<" => value < other,
            "<=" => value <= other,
            ">" => value > other,
            ">=" => value >= other,
            "==" => value == other,
            _ => value != other,
        };

    private static bool Matches(string text, string pattern, MessageScan scan)
    {
        var regex = Patterns.GetOrAdd(pattern, static given => PerlPattern.Parse(given) is { Root: { } root } ? new RuleRegex(root) : null);
        return regex?.IsMatch(ByteText.FromUnicode(text), scan.Budget) ?? false;
    }

    private static bool TitleToSubject(MessageScan scan, string[] arguments)
    {
        var subject = scan.Header.Text("Subject");
        return subject.Length > 0 && scan.Html.Exists(html => html.Titles.Count > 0 && (double)html.Titles.Max(title => title == "0" ? 0 : title.Length) / subject.Length > (arguments.NumberAt(0) ?? double.MaxValue));
    }

    // Text that promises one host by https, over a link to another.
    private static bool HttpsMismatch(MessageScan scan, string[] arguments)
    {
        var (least, most) = (arguments.NumberAt(0) is { } number && number > 0 ? number : 1, arguments.NumberAt(1));
        foreach (var html in scan.Html)
        {
            var (hit, anchors) = (false, 0);
            foreach (var (uri, link) in html.Links)
            {
                if (link.AnchorTexts.Count == 0 || WebHost().Match(ByteText.FromUnicode(uri)) is not { Success: true } match || HostNames.IsAddress(match.Groups[1].Value)) continue;
                var domain = scan.Data.Domains.Trim(match.Groups[1].Value);
                if (scan.Data.Domains.OfUri(domain) is not { } found || !scan.Data.Domains.IsValid(found.Domain)) continue;
                anchors++;
                hit |= link.AnchorTexts.Exists(text => PromisesOther(ByteText.FromUnicode(text), domain, scan));
            }
            if (hit && anchors >= least && (most is null || anchors < most)) return true;
        }
        return false;
    }

    private static bool PromisesOther(string text, string domain, MessageScan scan)
    {
        if (HttpsHost().Match(text) is not { Success: true } match) return false;
        var promised = match.Groups[1].Value;
        if (!HostNames.IsAddress(promised))
        {
            promised = scan.Data.Domains.Trim(promised);
            if (!scan.Data.Domains.IsValid(promised)) return false;
        }
        return promised != domain;
    }

    private static bool HttpsAddressMismatch(MessageScan scan, string[] arguments) =>
        scan.Html.Exists(html => html.Links.Any(link => NumericHost().IsMatch(link.Key) && link.Value.AnchorTexts.Exists(text => !NumericHttps().IsMatch(text) && text.Contains("https:", StringComparison.OrdinalIgnoreCase))));

    [GeneratedRegex(@"^\s*(<=|>=|==|!=|<|>)\s*([-+]?\d+(?:\.\d+)?)\s*$")]
    private static partial Regex Comparison();

    [GeneratedRegex("^https?://([^/:?#]+)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex WebHost();

    [GeneratedRegex(@"https://([^\s/:?#]+)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex HttpsHost();

    [GeneratedRegex(@"^https?:/*(?:[^@/]+@)?\d+\.\d+\.\d+\.\d+", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex NumericHost();

    [GeneratedRegex(@"^https:/*(?:[^@/]+@)?\d+\.\d+\.\d+\.\d+", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex NumericHttps();
}
