using System.Text;
using System.Text.RegularExpressions;

namespace Sternpost.Filter.SpamAssassin.Views;

/// <summary>References made absolute (RFC 3986 §5.2), with SpamAssassin's two liberties: a scheme equal to the base's counts as none, and a bare host that begins with www gets a scheme.</summary>
internal static partial class UriTarget
{
    private readonly record struct Parts(string? Scheme, string? Authority, string Path, string? Query, string? Fragment);

    internal static string Resolve(string baseUri, string reference)
    {
        var r = Split(reference);
        var b = Split(baseUri);
        if (r.Scheme is not null && r.Scheme == b.Scheme) r = r with { Scheme = null };
        Parts target;
        if (r.Scheme is not null) target = r with { Path = WithoutDots(r.Path) };
        else if (r.Authority is not null) target = new Parts(b.Scheme, r.Authority, WithoutDots(r.Path), r.Query, r.Fragment);
        else if (r.Path.Length == 0) target = new Parts(b.Scheme, b.Authority, b.Path, r.Query ?? b.Query, r.Fragment);
        else target = new Parts(b.Scheme, b.Authority, WithoutDots(r.Path.StartsWith('/') ? r.Path : Merge(b, r.Path)), r.Query, r.Fragment);
        var result = new StringBuilder();
        if (!string.IsNullOrEmpty(target.Scheme)) result.Append(target.Scheme).Append(':');
        else if (target.Authority is not null && Www().IsMatch(target.Authority)) result.Append("http:");
        else if (target.Authority is not null && Ftp().IsMatch(target.Authority)) result.Append("ftp:");
        if (target.Authority is not null) result.Append("//").Append(target.Authority);
        result.Append(target.Path);
        if (target.Query is not null) result.Append('?').Append(target.Query);
        if (target.Fragment is not null) result.Append('#').Append(target.Fragment);
        return result.ToString();
    }

    private static Parts Split(string uri)
    {
        var match = Syntax().Match(uri);
        string? Group(int number) => match.Groups[number].Success ? match.Groups[number].Value : null;
        return new Parts(Group(1), Group(2), Group(3) ?? "", Group(4), Group(5));
    }

    private static string Merge(Parts b, string path)
    {
        if (b.Authority is not null && b.Path.Length == 0) return "/" + path;
        var slash = b.Path.LastIndexOf('/');
        return slash < 0 ? path : b.Path[..(slash + 1)] + path;
    }

    // RFC 3986 §5.2.4.
    private static string WithoutDots(string path)
    {
        if (!path.Contains("./", StringComparison.Ordinal) && !path.EndsWith("/.", StringComparison.Ordinal) && !path.EndsWith("/..", StringComparison.Ordinal)) return path;
        if (path.StartsWith("../", StringComparison.Ordinal)) path = path[2..];
        else if (path.StartsWith("./", StringComparison.Ordinal)) path = path[1..];
        var kept = new List<string>();
        var at = 0;
        while (at < path.Length)
        {
            var next = path.IndexOf('/', at + 1);
            var segment = next < 0 ? path[at..] : path[at..next];
            at = next < 0 ? path.Length : next;
            if (segment == "/.")
            {
                if (next < 0) kept.Add("/");
            }
            else if (segment == "/..")
            {
                if (kept.Count > 0) kept.RemoveAt(kept.Count - 1);
                if (next < 0) kept.Add("/");
            }
            else kept.Add(segment);
        }
        return string.Concat(kept);
    }

    // RFC 3986 appendix B.
    [GeneratedRegex(@"^(?:([^:/?#]+):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?", RegexOptions.Singleline)]
    private static partial Regex Syntax();

    [GeneratedRegex(@"^www\d*\.", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Www();

    [GeneratedRegex(@"^ftp\d*\.", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Ftp();
}
