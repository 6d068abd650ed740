using System.Text.RegularExpressions;
using Sternpost.Filter.SpamAssassin.Views;

namespace Sternpost.Filter.SpamAssassin.Evals;

/// <summary>Functions on links.</summary>
internal static partial class LinkFunctions
{
    internal static readonly (string Name, EvalFunction Function)[] All =
    [
        ("check_uri_truncated", (scan, _) => scan.Links.Truncated),
        ("check_for_http_redirector", (scan, _) => scan.Links.All.Any(uri => Redirects(scan, uri))),
    ];

    private static bool Redirects(MessageScan scan, string uri)
    {
        while (Redirection().Match(uri) is { Success: true } match)
        {
            var from = scan.Data.Domains.OfUri(match.Groups[1].Value)?.Domain ?? match.Groups[1].Value;
            var to = scan.Data.Domains.OfUri(match.Groups[3].Value)?.Domain ?? match.Groups[3].Value;
            if (from != to) return true;
            uri = match.Groups[2].Value;
        }
        return false;
    }

    [GeneratedRegex(@"^https?://([^/:?]+).+?(https?:/{0,2}?([^/:?]+).*)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Redirection();
}
