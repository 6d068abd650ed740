using System.Text.RegularExpressions;
using AngleSharp.Css.Dom;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using Ganss.Xss;

namespace Sternpost.Jmap.View;

/// <summary>What a cleaned body came to.</summary>
/// <param name="Html">Harmless HTML for the inside of a body element.</param>
/// <param name="RemoteImages">Pictures that would have been fetched from elsewhere and are left out.</param>
internal sealed record CleanHtml(string Html, int RemoteImages);

/// <summary>
/// The HTML of a message as it may be shown: no script, form, frame or remote address survives; pictures of the message itself are found by
/// their Content-ID; links say where they lead, and those that show another host than theirs cannot be followed without being asked. The frame it is
/// shown in forbids all of that once more.
/// </summary>
internal static partial class HtmlCleaner
{
    // Beyond these a message is shown as text, because its form is made to hurt.
    private const int MostNodes = 400_000;
    private const int MostDepth = 500;
    private const int MostInlinePicture = 256 * 1024;

    // Gone with all that is in them; other unknown elements leave their text behind.
    private const string Removed = "script, noscript, template, title, meta, base, link, object, embed, applet, iframe, frame, frameset, noframes, noembed, svg, math, audio, video, source, track, select, textarea, option, xmp, plaintext, canvas, dialog, portal";

    private static readonly HashSet<string> Tags = new(StringComparer.OrdinalIgnoreCase)
    {
        "a", "abbr", "address", "area", "article", "aside", "b", "bdi", "bdo", "big", "blockquote", "br", "caption", "center", "cite", "code", "col", "colgroup", "dd", "del", "details", "dfn", "dir", "div", "dl", "dt",
        "em", "figcaption", "figure", "font", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "i", "img", "ins", "kbd", "li", "main", "map", "mark", "ol", "p", "pre", "q", "rp", "rt", "ruby", "s", "samp",
        "section", "small", "span", "strike", "strong", "style", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "time", "tr", "tt", "u", "ul", "var", "wbr",
    };

    private static readonly HashSet<string> Attributes = new(StringComparer.OrdinalIgnoreCase)
    {
        "abbr", "align", "alt", "bgcolor", "border", "cellpadding", "cellspacing", "cite", "class", "color", "cols", "colspan", "compact", "coords", "datetime", "dir", "face", "headers", "height", "href", "hspace", "id", "lang",
        "noshade", "nowrap", "open", "reversed", "role", "rowspan", "rules", "scope", "shape", "size", "span", "src", "start", "style", "summary", "title", "type", "usemap", "valign", "value", "vspace", "width",
    };

    /// <summary>The cleaned body; null where the message is too large or too deep to be shown as HTML.</summary>
    /// <param name="html">What the message holds.</param>
    /// <param name="picture">The address of the message's own part with this Content-ID, or null.</param>
    /// <param name="remotePicture">The address at this server of a picture of elsewhere, or null where it has none; null leaves all of them out.</param>
    internal static CleanHtml? Clean(string html, Func<string, string?> picture, Func<string, string?>? remotePicture = null)
    {
        if (!HtmlBudget.Allows(html)) return null;
        using var document = new HtmlParser(new HtmlParserOptions { IsScripting = false }, AngleSharp.BrowsingContext.New(AngleSharp.CssConfigurationExtensions.WithCss(AngleSharp.Configuration.Default))).ParseDocument(html);
        if (document.Body is not { } body || !IsWithinBudget(document)) return null;
        foreach (var element in document.QuerySelectorAll(Removed).ToList()) element.Remove();
        foreach (var style in document.Head?.QuerySelectorAll("style").ToList() ?? []) body.Prepend(style);
        var remote = 0;
        foreach (var image in body.QuerySelectorAll("img").ToList()) remote += Resolve(image, picture, remotePicture) ? 0 : 1;
        var (look, colour) = (body.GetAttribute("style"), body.GetAttribute("bgcolor"));
        var wrapper = document.CreateElement("div");
        if (look is not null) wrapper.SetAttribute("style", look);
        if (colour is not null) wrapper.SetAttribute("bgcolor", colour);
        while (body.FirstChild is { } child) wrapper.AppendChild(child);
        body.AppendChild(wrapper);

        var sanitizer = new HtmlSanitizer(new HtmlSanitizerOptions
        {
            AllowedTags = Tags,
            AllowedAttributes = Attributes,
            AllowedSchemes = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "http", "https", "mailto", "tel", "data" },
            UriAttributes = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "href", "src", "cite", "usemap" },
            AllowedCssProperties = HtmlSanitizerDefaults.AllowedCssProperties,
            AllowedAtRules = new HashSet<CssRuleType> { CssRuleType.Style, CssRuleType.Media },
        })
        { KeepChildNodes = true, AllowDataAttributes = false };
        sanitizer.FilterUrl += (_, found) =>
        {
            var isPicture = found.Tag is IHtmlImageElement && (found.OriginalUrl.StartsWith("data:image/", StringComparison.OrdinalIgnoreCase) || found.OriginalUrl.StartsWith("/jmap/", StringComparison.Ordinal) || found.OriginalUrl.StartsWith('#'));
            var isLink = found.Tag is IHtmlAnchorElement or IHtmlAreaElement && !found.OriginalUrl.TrimStart().StartsWith("data:", StringComparison.OrdinalIgnoreCase);
            if (!isPicture && !isLink) found.SanitizedUrl = null;
        };
        sanitizer.SanitizeDom(document, body);

        foreach (var element in body.QuerySelectorAll("[style]").ToList()) element.SetAttribute("style", WithoutAddresses(element.GetAttribute("style")!));
        foreach (var style in body.QuerySelectorAll("style").ToList()) style.TextContent = WithoutAddresses(style.TextContent);
        foreach (var link in body.QuerySelectorAll("a, area").ToList()) Settle(link);
        return new CleanHtml(body.InnerHtml, remote);
    }

    // Walked without recursion: the depth is what is asked.
    private static bool IsWithinBudget(IHtmlDocument document)
    {
        var nodes = 0;
        var depth = 0;
        INode? node = document;
        while (node is not null)
        {
            if (++nodes > MostNodes || depth > MostDepth) return false;
            if (node.FirstChild is { } child)
            {
                node = child;
                depth++;
                continue;
            }
            while (node is not null && node.NextSibling is null)
            {
                node = node.Parent;
                depth--;
            }
            node = node?.NextSibling;
        }
        return true;
    }

    // False where the picture is one of elsewhere.
    private static bool Resolve(IElement image, Func<string, string?> picture, Func<string, string?>? remotePicture)
    {
        var source = image.GetAttribute("src")?.Trim() ?? "";
        image.RemoveAttribute("srcset");
        if (source.StartsWith("cid:", StringComparison.OrdinalIgnoreCase) && picture(Uri.UnescapeDataString(source[4..])) is { } address)
        {
            image.SetAttribute("src", address);
            return true;
        }
        if (source.StartsWith("data:image/", StringComparison.OrdinalIgnoreCase) && source.Length < MostInlinePicture) return true;
        image.RemoveAttribute("src");
        if (source.Length == 0 || !(source.StartsWith("http:", StringComparison.OrdinalIgnoreCase) || source.StartsWith("https:", StringComparison.OrdinalIgnoreCase) || source.StartsWith("//", StringComparison.Ordinal))) return true;
        // Spies are one dot, or hidden; nobody misses them, and an empty frame would show where they were.
        if (IsDot(image))
        {
            image.Remove();
            return remotePicture is not null;
        }
        if (remotePicture?.Invoke(source) is { } proxied)
        {
            image.SetAttribute("src", proxied);
            return true;
        }
        image.ClassList.Add("sternpost-left-out");
        return false;
    }

    private static bool IsDot(IElement image) => (image.GetAttribute("style") is { Length: < 2000 } style && HiddenStyle().IsMatch(style)) || image.GetAttribute("width")?.Trim() is "0" or "1" or "0px" or "1px" || image.GetAttribute("height")?.Trim() is "0" or "1" or "0px" or "1px";

    private static void Settle(IElement link)
    {
        var text = link.GetAttribute("href")?.Trim() ?? "";
        if (text.StartsWith('#')) return;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var target) || target.Scheme is not ("http" or "https" or "mailto" or "tel"))
        {
            link.RemoveAttribute("href");
            return;
        }
        link.SetAttribute("title", target.AbsoluteUri);
        link.SetAttribute("target", "_blank");
        link.SetAttribute("rel", "noopener noreferrer nofollow");
        if (target.Scheme is not ("http" or "https")) return;
        var shown = LinkText.OtherHost(link, target);
        var reason = shown is not null ? "other-host" : target.UserInfo.Length > 0 ? "user-info" : target.HostNameType is UriHostNameType.IPv4 or UriHostNameType.IPv6 ? "number" : null;
        if (reason is null) return;
        // Without an address of its own the link does nothing; the webmail around the frame explains, and asks.
        link.RemoveAttribute("href");
        link.ClassList.Add("sternpost-stopped");
        link.SetAttribute("data-to", target.AbsoluteUri);
        link.SetAttribute("data-reason", reason);
        if (shown is not null) link.SetAttribute("data-shown", shown);
        link.SetAttribute("role", "link");
        link.SetAttribute("tabindex", "0");
    }

    // Styles that are left name no address: url(), image() and image-set() are emptied, and what is written with escapes to get past that is dropped.
    private static string WithoutAddresses(string css) => css.Contains('\\', StringComparison.Ordinal) || css.Contains("@import", StringComparison.OrdinalIgnoreCase) ? "" : CssAddress().Replace(css, "none");

    [GeneratedRegex(@"(?:^|[;\s])(?:display\s*:\s*none|visibility\s*:\s*hidden|(?:max-)?(?:width|height)\s*:\s*[01](?:px)?\s*(?:!important\s*)?(?:;|$))", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex HiddenStyle();

    [GeneratedRegex(@"(?:url|src|image|image-set|-webkit-image-set|cross-fade|element)\s*\([^)]*\)?", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex CssAddress();
}
