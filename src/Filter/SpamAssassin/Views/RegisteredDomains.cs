using System.Text.RegularExpressions;
using Sternpost.Filter.SpamAssassin.Patterns;

namespace Sternpost.Filter.SpamAssassin.Views;

/// <summary>Where a host name ends and what was registered begins, by the lists in the rule files. Not the public suffix list: rules rest on these.</summary>
internal sealed partial class RegisteredDomains(HashSet<string> topLevels, HashSet<string> secondLevels, HashSet<string> thirdLevels)
{
    private static readonly HashSet<string> States = new((
        "ak al ar az ca co ct dc de fl ga gu hi ia id il in ks ky la ma md me mi mn mo ms mt nc nd ne nh nj nm nv ny oh ok or pa pr ri sc sd tn tx ut va vi vt wa wi wv wy").Split(' '), StringComparer.Ordinal);

    /// <summary>True where the last label is a top-level domain, lower case.</summary>
    internal bool IsTopLevel(ReadOnlySpan<char> label) => topLevels.GetAlternateLookup<ReadOnlySpan<char>>().Contains(label);

    /// <summary>True for a name of two labels or more under a known top level.</summary>
    internal bool IsValid(string host)
    {
        host = HostNames.ToAscii(host);
        var dot = host.LastIndexOf('.');
        return dot >= 0 && dot < host.Length - 1 && host.AsSpan().IndexOfAny(MessagePart.Blank) < 0 && IsTopLevel(host.AsSpan(dot + 1));
    }

    /// <summary>What was registered: <c>example.co.uk</c> of <c>www.example.co.uk</c>.</summary>
    internal string Trim(string host)
    {
        host = Dots().Replace(HostNames.ToAscii(host), ".").Trim('.');
        if (host.Length == 0) return host;
        var labels = host.Split('.');
        var first = 0;
        while (labels.Length - first > 1 && !IsBoundary(labels.AsSpan(first))) first++;
        return string.Join('.', labels[Math.Max(0, first - 1)..]);
    }

    // Names of places in the United States have a depth of their own.
    private bool IsBoundary(ReadOnlySpan<string> labels) => labels.Length switch
    {
        2 => secondLevels.Contains($"{labels[0]}.{labels[1]}"),
        3 => labels[2] == "us" ? States.Contains(labels[1]) : thirdLevels.Contains($"{labels[0]}.{labels[1]}.{labels[2]}"),
        4 => labels[3] == "us" && ((labels[0] == "pvt" && labels[1] == "k12") || labels[0] is "ci" or "co") && States.Contains(labels[2]),
        _ => false,
    };

    /// <summary>The registered domain and the host of a link; null where it has none that is valid.</summary>
    internal (string Domain, string Host)? OfUri(string uri)
    {
        uri = ByteText.Lower(uri);
        if (uri.StartsWith("javascript:", StringComparison.Ordinal) || uri.StartsWith("cid:", StringComparison.Ordinal) || uri.StartsWith("file:", StringComparison.Ordinal)) return null;
        if (uri.StartsWith("mailto:", StringComparison.Ordinal))
        {
            uri = uri["mailto:".Length..];
            var question = uri.IndexOf('?', StringComparison.Ordinal);
            if (question >= 0) uri = uri[..question];
            var sign = uri.LastIndexOf('@');
            if (sign < 0 || uri.IndexOf('@', StringComparison.Ordinal) != sign) return null;
            uri = uri[(sign + 1)..];
        }
        else
        {
            uri = Scheme().Replace(uri, "");
            var end = uri.AsSpan().IndexOfAny('/', '?', '#');
            if (end >= 0) uri = uri[..end];
            uri = uri[(uri.LastIndexOf('@') + 1)..];
            uri = Port().Replace(uri, "");
        }
        // What is still encoded here comes again decoded.
        if (Encoded().IsMatch(uri)) return null;
        var host = HostNames.ToAscii(uri);
        if (HostNames.IsAddress(host)) return (host, host);
        return HostNames.IsFullName(host) && IsValid(host) ? (Trim(host), host) : null;
    }

    [GeneratedRegex(@"\.{2,}")]
    private static partial Regex Dots();

    [GeneratedRegex("^[a-z]+:/{0,2}")]
    private static partial Regex Scheme();

    [GeneratedRegex(@":\d*$")]
    private static partial Regex Port();

    [GeneratedRegex("%(?:2[1-9a-f]|[3-6][0-9a-f]|7[0-9a-e])")]
    private static partial Regex Encoded();
}
