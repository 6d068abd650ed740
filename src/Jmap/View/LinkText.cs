using AngleSharp.Dom;
using Sternpost.Dns;

namespace Sternpost.Jmap.View;

/// <summary>Whether what a link shows is an address of another host than the one it leads to, the oldest trick of phishing.</summary>
internal static class LinkText
{
    private const int MostLetters = 2000;

    // "report.pdf" has the form of a host; without a scheme these endings are files.
    private static readonly HashSet<string> FileEndings = new(StringComparer.OrdinalIgnoreCase)
    {
        "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "odt", "ods", "txt", "jpg", "jpeg", "png", "gif", "svg", "htm", "html", "php", "js", "ts", "cs", "py", "rs", "sh", "md", "csv", "xml", "json", "ics", "eml",
    };

    /// <summary>The host that the text claims; null where it claims none, or one of the same owner as the one that the link leads to.</summary>
    internal static string? OtherHost(INode link, Uri target)
    {
        var text = link.TextContent;
        return text.Length > MostLetters ? null : OtherHost(text, target);
    }

    /// <inheritdoc cref="OtherHost(INode, Uri)"/>
    internal static string? OtherHost(string text, Uri target)
    {
        foreach (var word in text.Split([' ', '\t', '\n', '\r', '\u00a0', '<', '>', '"', '(', ')', '[', ']', ',', ';', '|', '\'', '“', '”', '«', '»', '→'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (HostOf(word) is { } shown && !PublicSuffixes.SameOwner(Ascii(shown), Ascii(target.Host))) return shown;
        }
        return null;
    }

    private static string? HostOf(string word)
    {
        var scheme = word.IndexOf("://", StringComparison.Ordinal);
        var rest = scheme >= 0 ? word[(scheme + 3)..] : word;
        var end = rest.AsSpan().IndexOfAny('/', '?', '#');
        if (end >= 0) rest = rest[..end];
        // An address of mail is no address of a page: "write to sales@example.com".
        if (rest.Contains('@', StringComparison.Ordinal)) return null;
        var colon = rest.IndexOf(':', StringComparison.Ordinal);
        if (colon >= 0) rest = rest[..colon];
        rest = rest.Trim('.', '!', '?', '…');
        // "Click here.Then go on": a sentence that lacks its space.
        if (scheme < 0 && rest.LastIndexOf('.') is >= 0 and var dot && dot + 2 < rest.Length && char.IsUpper(rest[dot + 1]) && char.IsLower(rest[dot + 2])) return null;
        rest = rest.ToLowerInvariant();
        var labels = rest.Split('.');
        if (labels.Length < 2 || rest.Length > 253 || !labels.All(IsLabel)) return null;
        var last = labels[^1];
        if (last.Length < 2 || !(last.All(char.IsLetter) || last.StartsWith("xn--", StringComparison.Ordinal))) return null;
        return scheme < 0 && labels.Length == 2 && FileEndings.Contains(last) ? null : rest;
    }

    private static bool IsLabel(string label) => label.Length is > 0 and < 64 && label[0] != '-' && label.All(c => char.IsLetterOrDigit(c) || c is '-' or '_');

    private static string Ascii(string host) => DomainName.TryParse(host, out var name) ? name.Ascii : host.ToLowerInvariant();
}
