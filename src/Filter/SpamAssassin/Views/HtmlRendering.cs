using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Sternpost.Filter.SpamAssassin.Views;

/// <summary>Renders HTML to text and notes what rules ask about its markup.</summary>
internal sealed partial class HtmlRendering : IHtmlListener
{
    /// <summary>Longest link looked at.</summary>
    internal const int LongestUri = 8192;

    private const int MostLinks = 5000;
    private const int MostDistinctTags = 2000;

    private static readonly HashSet<string> Elements = new((
        "a abbr acronym address area b base bdo big blockquote body br button caption cite code col colgroup dd del dfn div dl dt em fieldset form h1 h2 h3 h4 h5 h6 head hr html i "
        + "img input ins kbd label legend li link map meta noscript object ol optgroup option p param pre q samp script select small span strong style sub sup table tbody td "
        + "textarea tfoot th thead title tr tt ul var applet basefont center dir font frame frameset iframe isindex menu noframes s strike u nobr x-sigsep x-tab").Split(' '), StringComparer.Ordinal);

    private static readonly HashSet<string> Tricks = new("bgsound embed listing plaintext xmp".Split(' '), StringComparer.Ordinal);

    private readonly string source;
    private readonly StringBuilder text = new();
    private readonly HtmlStyles styles;
    private bool wide;
    private bool lastWasSpace;
    private bool lastWasInvisible;
    private int lastPieceStart = -1;
    private string lastAnchor = "";
    private string baseHref = "";

    internal HtmlRendering(DecodedText html)
    {
        wide = html.Wide;
        source = html.Text;
        Findings = new HtmlFindings { Length = html.Text.Length };
        Findings.Flags.Add("html");
        styles = new HtmlStyles(Findings);
    }

    internal HtmlFindings Findings { get; }

    internal DecodedText Render()
    {
        var prepared = source.Replace("&nbsp;", " ", StringComparison.Ordinal);
        if (prepared.Contains("/>", StringComparison.Ordinal)) prepared = EmptyElement().Replace(prepared, "<$1>");
        if (wide) prepared = prepared.Replace('\u201C', '"').Replace('\u201D', '"');
        new HtmlTokens(prepared, this).Read();
        return new DecodedText(text.ToString(), wide);
    }

    public void StartTag(string name, Dictionary<string, string> attributes)
    {
        if (!Count(name, 1)) return;
        if (HtmlStyles.Concerns(name)) styles.Open(name, attributes);
        WhiteSpace(name);
        Link(name, attributes);
        Test(name, attributes);
    }

    public void EndTag(string name)
    {
        if (!Count(name, -1)) return;
        if (HtmlStyles.Concerns(name)) styles.Close(name);
        WhiteSpace(name);
    }

    /// <summary>Counts a tag; false where it is of no further interest.</summary>
    private bool Count(string name, int change)
    {
        var foreign = NamespacedTag().IsMatch(name);
        var known = Elements.Contains(name);
        var seen = Findings.Inside.ContainsKey(name);
        if (known || foreign)
        {
            Findings.Elements++;
            if (!seen) Findings.ElementsSeen++;
        }
        Findings.Tags++;
        if (!seen) Findings.TagsSeen++;
        if (seen || Findings.Inside.Count < MostDistinctTags)
        {
            var depth = Findings.Inside.GetValueOrDefault(name) + change;
            if (depth < 0) Findings.ClosedExtra++;
            Findings.Inside[name] = Math.Max(depth, 0);
        }
        return !foreign && (known || Tricks.Contains(name));
    }

    private bool IsInside(string name) => Findings.Inside.GetValueOrDefault(name) > 0;

    private void WhiteSpace(string name)
    {
        var space = name switch
        {
            "br" or "div" => "\n",
            "li" or "th" or "td" or "dd" or "dt" or "embed" or "h1" or "h2" or "h3" or "h4" or "h5" or "h6" => " ",
            "p" or "hr" or "blockquote" or "pre" or "listing" or "plaintext" or "xmp" or "title" => "\n\n",
            _ => "",
        };
        if (space.Length == 0) return;
        if (lastPieceStart >= 0 && !lastWasSpace && !lastWasInvisible && text.Length > lastPieceStart && text[^1] == ' ') text.Length--;
        lastPieceStart = text.Length;
        text.Append(space);
        (lastWasSpace, lastWasInvisible) = (true, false);
    }

    void IHtmlListener.Text(string piece)
    {
        if (!wide && piece.AsSpan().IndexOfAnyInRange('\u0100', '\uFFFF') >= 0) wide = true;
        if (IsInside("script"))
        {
            Findings.Scripts.Add(piece);
            return;
        }
        if (IsInside("style")) return;
        if (IsInside("a") && Findings.Links.TryGetValue(lastAnchor, out var link) && link.AnchorTexts.Count > 0)
        {
            link.AnchorTexts[^1] = Joined(link.AnchorTexts[^1], piece);
            if (Findings.Anchors.Count > 0) Findings.Anchors[^1] = Joined(Findings.Anchors[^1], piece);
        }
        if (IsInside("title") && Findings.Titles.Count > 0) Findings.Titles[^1] = Joined(Findings.Titles[^1], piece);
        var invisible = !IsBlank(piece) && styles.IsInvisible();
        if (lastPieceStart >= 0) NoteObfuscation(piece);
        Append(piece, invisible);
    }

    private const int LongestAnchor = 65536;

    private static string Joined(string begun, string more) => begun.Length > LongestAnchor ? begun : begun + more;

    private static bool IsBlank(string piece) => piece.AsSpan().Trim(" \t\n\r\f\v").IsEmpty;

    private void Append(string piece, bool invisible)
    {
        var start = text.Length;
        var space = !invisible && lastWasSpace;
        for (var i = 0; i < piece.Length; i++)
        {
            var c = piece[i];
            if (c is not (' ' or '\t' or '\n' or '\r' or '\f' or '\v'))
            {
                text.Append(c);
                continue;
            }
            while (i + 1 < piece.Length && piece[i + 1] is ' ' or '\t' or '\n' or '\r' or '\f' or '\v') i++;
            // Behind a line end that markup made, a space begins no text.
            if (!(space && text.Length == start && i < piece.Length && IsFirst(piece, i))) text.Append(' ');
        }
        lastPieceStart = start;
        (lastWasSpace, lastWasInvisible) = (false, invisible);
    }

    private static bool IsFirst(string piece, int end) => piece.AsSpan(0, end + 1).Trim(" \t\n\r\f\v").IsEmpty;

    // Words cut by markup, which readers do not see.
    private void NoteObfuscation(string piece)
    {
        if (text.Length == lastPieceStart || piece.Length == 0) return;
        if (IsLetter(piece[0]) && IsLetter(text[^1])) Findings.Obfuscation++;
        var before = 0;
        while (before < 8 && text.Length - before > lastPieceStart && IsLetter(text[text.Length - 1 - before])) before++;
        var after = 0;
        while (after < 8 && after < piece.Length && IsLetter(piece[after])) after++;
        if (before is > 0 and < 8 && after is > 0 and < 8 && Findings.Backhair.Count < 100) Findings.Backhair.Add((before, after));
    }

    private static bool IsLetter(char c) => c >= '\x7F' ? !char.IsWhiteSpace(c) : char.IsAsciiLetterOrDigit(c) || c < '\t' || c is > '\r' and < ' ';

    public void Comment(string text)
    {
        if (Findings.Comments.Count < 1000) Findings.Comments.Add(text);
    }

    public void Declaration(string text)
    {
        Findings.Elements++;
        Findings.Tags++;
        Findings.Inside["!doctype"] = 0;
    }

    private void Link(string name, Dictionary<string, string> attributes)
    {
        switch (name)
        {
            case "body" or "table" or "tr" or "td":
                if (attributes.TryGetValue("background", out var background)) AddLink(name, background);
                break;
            case "a" or "area" or "link":
                TakeSlashed(attributes, SlashedHref(), "href");
                if (attributes.TryGetValue("href", out var href)) AddLink(name, attributes["href"] = href.Replace("\uFEFF", "", StringComparison.Ordinal));
                if (attributes.TryGetValue("data-saferedirecturl", out var safe)) AddLink(name, safe);
                break;
            case "img" or "frame" or "iframe" or "embed" or "script" or "bgsound":
                TakeSlashed(attributes, SlashedSource(), "src");
                if (attributes.TryGetValue("src", out var source)) AddLink(name, source);
                break;
            case "form":
                if (attributes.TryGetValue("action", out var action)) AddLink(name, action);
                break;
            case "base":
                if (attributes.TryGetValue("href", out var address) && address.Length > 0) SetBase(address);
                break;
            case "meta":
                if (attributes.TryGetValue("http-equiv", out var equivalent) && attributes.TryGetValue("content", out var content) && equivalent.Contains("refresh", StringComparison.OrdinalIgnoreCase)
                    && RefreshUri().Match(content) is { Success: true } refresh) AddLink(name, RefreshEnd().Replace(content[(refresh.Index + refresh.Length)..], ""));
                break;
        }
    }

    // "<a style/href=…": browsers take the slash for a space.
    private static void TakeSlashed(Dictionary<string, string> attributes, Regex shape, string name)
    {
        foreach (var (key, value) in attributes.Where(attribute => shape.IsMatch(attribute.Key)).ToList())
        {
            attributes.Remove(key);
            attributes[name] = value;
        }
    }

    private void SetBase(string address)
    {
        var uri = Trimmed(address);
        AddLink("base", uri);
        if (!WebScheme().IsMatch(uri)) return;
        uri = BaseFile().Replace(uri, "$1");
        baseHref = uri.EndsWith('/') ? uri : uri + "/";
    }

    private string Trimmed(string uri)
    {
        uri = uri.Trim(' ', '\t', '\n', '\r', '\f', '\v', '\xA0');
        if (uri.Length <= LongestUri) return uri;
        Findings.UriTruncated = true;
        return uri[..LongestUri];
    }

    private void AddLink(string type, string uri)
    {
        uri = Trimmed(uri);
        if (uri.Length == 0) return;
        var target = KeptScheme().IsMatch(uri) ? uri : UriTarget.Resolve(baseHref, uri);
        if (target.Length > 0) LinkOf(target)?.Types.Add(type);
    }

    private HtmlLink? LinkOf(string uri)
    {
        if (Findings.Links.TryGetValue(uri, out var link)) return link;
        if (Findings.Links.Count >= MostLinks) return null;
        Findings.Links.Add(uri, link = new HtmlLink());
        return link;
    }

    private void Test(string name, Dictionary<string, string> attributes)
    {
        switch (name)
        {
            case "font" when attributes.TryGetValue("face", out var face) && face.Length < 1000 && !FontFace().IsMatch(face): Findings.Flags.Add("font_face_bad"); break;
            case "img": TestImage(attributes); break;
            case "form" when attributes.TryGetValue("action", out var action) && action.Contains("mailto:", StringComparison.OrdinalIgnoreCase): Findings.Flags.Add("form_action_mailto"); break;
            case "object" or "embed": Findings.Flags.Add("embeds"); break;
            case "a":
                lastAnchor = attributes.TryGetValue("href", out var href) ? Trimmed(href) : "";
                LinkOf(lastAnchor)?.AnchorTexts.Add("");
                if (Findings.Anchors.Count < MostLinks) Findings.Anchors.Add("");
                break;
            case "title":
                if (Findings.Titles.Count < 100) Findings.Titles.Add("");
                break;
            case "meta" when attributes.TryGetValue("http-equiv", out var equivalent) && attributes.TryGetValue("content", out var content) && equivalent.Contains("Content-Type", StringComparison.OrdinalIgnoreCase)
                && MetaCharset().Match(content) is { Success: true } charset:
                Findings.Charsets = Findings.Charsets is null ? charset.Groups[1].Value : $"{Findings.Charsets} {charset.Groups[1].Value}";
                break;
        }
    }

    private void TestImage(Dictionary<string, string> attributes)
    {
        if (IsInside("a") && Findings.Links.TryGetValue(lastAnchor, out var link) && link.AnchorTexts.Count > 0)
        {
            link.AnchorTexts[^1] = Joined(link.AnchorTexts[^1], "<img>\n");
            if (Findings.Anchors.Count > 0) Findings.Anchors[^1] = Joined(Findings.Anchors[^1], "<img>\n");
        }
        if (!attributes.TryGetValue("width", out var width) || !attributes.TryGetValue("height", out var height)) return;
        Findings.ImageArea += Pixels(width, 8) * Pixels(height, 6);
    }

    private static long Pixels(string text, int perCent)
    {
        var match = Measure().Match(text);
        if (!match.Success) return 200;
        var value = int.TryParse(match.Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed : 0L;
        if (match.Groups[2].Success) value *= perCent;
        return value <= 0 ? 200 : Math.Min(value, 1_000_000);
    }

    [GeneratedRegex(@"<(\w+)\s*/>")]
    private static partial Regex EmptyElement();

    [GeneratedRegex(@"^(?:o|st\d):[\w-]+/?$")]
    private static partial Regex NamespacedTag();

    [GeneratedRegex(@"\w{1,8}/href")]
    private static partial Regex SlashedHref();

    [GeneratedRegex(@"\w{1,8}/src")]
    private static partial Regex SlashedSource();

    [GeneratedRegex(@"^.*\burl\s*=\s*", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex RefreshUri();

    [GeneratedRegex(@"\s*;.*")]
    private static partial Regex RefreshEnd();

    [GeneratedRegex(@"^(?:https?|ftp):/{0,2}", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex WebScheme();

    [GeneratedRegex(@"^([a-z]+:/{0,2}[^/]+/.*?)[^/.]+\.[^/.]{2,4}$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex BaseFile();

    [GeneratedRegex("^(?:data|mailto|file|cid|tel):", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex KeptScheme();

    [GeneratedRegex("""^\s*["'.]?[a-z ][a-z -]*[a-z]\d?["']?(?:,\s*["']?[a-z][a-z -]*[a-z]\d?["']?)*;?$""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 100)]
    private static partial Regex FontFace();

    [GeneratedRegex("""\bcharset\s*=\s*["']?([^"']+)""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex MetaCharset();

    [GeneratedRegex(@"^(\d+)(%)?$")]
    private static partial Regex Measure();
}
