namespace Sternpost.Filter.Views;

/// <summary>
/// Reads HTML as its reader sees it: visible text, text styled away, links with their words. One pass without a tree;
/// every loop advances, so the time is linear in the input whatever it holds.
/// </summary>
internal ref struct HtmlText
{
    private const int MaxLinks = 300;
    private const int MaxLinkText = 200;

    private readonly TextBuffer visible;
    private readonly TextBuffer hidden;
    private readonly List<Link> links;
    private ReadOnlySpan<char> rest;
    private string? anchor;
    private int anchorStart;
    private ReadOnlySpan<char> hiddenTag;
    private int hiddenDepth;

    private HtmlText(ReadOnlySpan<char> html, TextBuffer visible, TextBuffer hidden, List<Link> links)
    {
        rest = html;
        this.visible = visible;
        this.hidden = hidden;
        this.links = links;
    }

    internal static void Read(ReadOnlySpan<char> html, TextBuffer visible, TextBuffer hidden, List<Link> links)
    {
        var reader = new HtmlText(html, visible, hidden, links);
        reader.Run();
    }

    private readonly TextBuffer Sink => hiddenDepth > 0 ? hidden : visible;

    private void Run()
    {
        while (!rest.IsEmpty && !visible.IsFull)
        {
            var open = rest.IndexOf('<');
            AppendText(open < 0 ? rest : rest[..open]);
            if (open < 0) break;
            rest = rest[open..];
            ReadMarkup();
        }
        CloseAnchor();
    }

    private void ReadMarkup()
    {
        if (rest.StartsWith("<!--"))
        {
            var end = rest.IndexOf("-->");
            rest = end < 0 ? default : rest[(end + 3)..];
            return;
        }
        if (rest.Length < 2 || !(char.IsAsciiLetter(rest[1]) || rest[1] is '/' or '!' or '?'))
        {
            Sink.Append("<");
            rest = rest[1..];
            return;
        }
        var close = TagEnd(rest);
        var tag = rest[1..close];
        rest = close < rest.Length ? rest[(close + 1)..] : default;
        var closing = tag.StartsWith("/");
        var body = closing ? tag[1..] : tag;
        var nameEnd = body.IndexOfAny(" \t\r\n/");
        var name = nameEnd < 0 ? body : body[..nameEnd];
        if (closing) CloseTag(name);
        else OpenTag(name, nameEnd < 0 ? default : body[nameEnd..]);
    }

    // A '>' inside a quoted attribute does not end the tag, but a quote that never closes must not swallow the message.
    private static int TagEnd(ReadOnlySpan<char> text)
    {
        for (var i = 1; i < text.Length; i++)
        {
            if (text[i] == '>') return i;
            if (text[i] is not ('"' or '\'') || text[i - 1] is not ('=' or ' ')) continue;
            var window = text[(i + 1)..Math.Min(text.Length, i + 4096)];
            var quote = window.IndexOf(text[i]);
            if (quote >= 0) i += quote + 1;
        }
        return text.Length;
    }

    private void OpenTag(ReadOnlySpan<char> name, ReadOnlySpan<char> attributes)
    {
        if (Is(name, "script") || Is(name, "style") || Is(name, "title"))
        {
            SkipElement(name);
            return;
        }
        if (hiddenDepth > 0 && name.Equals(hiddenTag, StringComparison.OrdinalIgnoreCase)) hiddenDepth++;
        else if (hiddenDepth == 0 && !IsVoid(name) && IsHidden(attributes))
        {
            hiddenTag = name;
            hiddenDepth = 1;
        }
        if (Is(name, "a"))
        {
            CloseAnchor();
            anchor = DecodeEntities(Attribute(attributes, "href"));
            anchorStart = visible.Length;
        }
        else if (Is(name, "img") || Is(name, "form") || Is(name, "area") || Is(name, "iframe"))
        {
            var target = DecodeEntities(Attribute(attributes, Is(name, "form") ? "action" : Is(name, "area") ? "href" : "src"));
            if (target.Contains("//", StringComparison.Ordinal)) AddLink(new Link(target, "", IsImage: Is(name, "img")));
        }
        if (!IsInline(name)) Sink.Break();
    }

    private void CloseTag(ReadOnlySpan<char> name)
    {
        if (hiddenDepth > 0 && name.Equals(hiddenTag, StringComparison.OrdinalIgnoreCase)) hiddenDepth--;
        if (Is(name, "a")) CloseAnchor();
        if (!IsInline(name)) Sink.Break();
    }

    private void CloseAnchor()
    {
        if (anchor is { Length: > 0 } target)
        {
            var text = visible.Span[Math.Min(anchorStart, visible.Length)..];
            AddLink(new Link(target, text[..Math.Min(text.Length, MaxLinkText)].Trim().ToString()));
        }
        anchor = null;
    }

    private readonly void AddLink(Link link)
    {
        if (links.Count < MaxLinks) links.Add(link);
    }

    private void SkipElement(ReadOnlySpan<char> name)
    {
        while (rest.IndexOf("</") is >= 0 and var end)
        {
            rest = rest[(end + 2)..];
            if (rest.StartsWith(name, StringComparison.OrdinalIgnoreCase))
            {
                var close = rest.IndexOf('>');
                rest = close < 0 ? default : rest[(close + 1)..];
                return;
            }
        }
        rest = default;
    }

    private readonly void AppendText(ReadOnlySpan<char> text)
    {
        while (true)
        {
            var ampersand = text.IndexOf('&');
            Sink.Append(ampersand < 0 ? text : text[..ampersand]);
            if (ampersand < 0) return;
            text = text[ampersand..];
            var length = HtmlEntities.Read(text, inAttribute: false, out var value);
            if (length == 0)
            {
                Sink.Append("&");
                text = text[1..];
                continue;
            }
            Sink.Append(value);
            text = text[length..];
        }
    }

    private static string DecodeEntities(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        if (text.Length > 2000) text = text[..2000];
        return HtmlEntities.DecodeAttribute(text);
    }

    private static ReadOnlySpan<char> Attribute(ReadOnlySpan<char> attributes, ReadOnlySpan<char> name)
    {
        for (var from = 0; attributes[from..].IndexOf(name, StringComparison.OrdinalIgnoreCase) is >= 0 and var at; from += at + name.Length)
        {
            var position = from + at;
            var after = attributes[(position + name.Length)..].TrimStart();
            if (!after.StartsWith("=") || (position > 0 && !(char.IsWhiteSpace(attributes[position - 1]) || attributes[position - 1] is '"' or '\'' or '/'))) continue;
            var value = after[1..].TrimStart();
            if (value.IsEmpty) return value;
            if (value[0] is '"' or '\'')
            {
                var close = value[1..].IndexOf(value[0]);
                return close < 0 ? value[1..] : value.Slice(1, close);
            }
            var end = value.IndexOfAny(" \t\r\n");
            return end < 0 ? value : value[..end];
        }
        return default;
    }

    private static bool IsHidden(ReadOnlySpan<char> attributes)
    {
        if (attributes.Length < 8) return false;
        var style = Attribute(attributes, "style");
        if (style.IsEmpty) return false;
        return Declares(style, "display", "none") || Declares(style, "visibility", "hidden")
            || Declares(style, "font-size", "0") || Declares(style, "opacity", "0") || Declares(style, "mso-hide", "all");
    }

    private static bool Declares(ReadOnlySpan<char> style, ReadOnlySpan<char> property, ReadOnlySpan<char> value)
    {
        var at = style.IndexOf(property, StringComparison.OrdinalIgnoreCase);
        if (at < 0) return false;
        var after = style[(at + property.Length)..].TrimStart();
        if (!after.StartsWith(":")) return false;
        after = after[1..].TrimStart();
        if (!after.StartsWith(value, StringComparison.OrdinalIgnoreCase)) return false;
        // "0" hides, "0.9em" and "08px" do not.
        return value is not "0" || after.Length == 1 || !(char.IsAsciiDigit(after[1]) || after[1] == '.');
    }

    private static bool Is(ReadOnlySpan<char> name, string other) => name.Equals(other, StringComparison.OrdinalIgnoreCase);

    private static bool IsVoid(ReadOnlySpan<char> name) =>
        Is(name, "img") || Is(name, "br") || Is(name, "meta") || Is(name, "input") || Is(name, "hr") || Is(name, "link");

    private static bool IsInline(ReadOnlySpan<char> name) => name.Length switch
    {
        1 => name[0] is 'b' or 'i' or 'u' or 'a' or 's' or 'B' or 'I' or 'U' or 'A' or 'S',
        2 => Is(name, "em"),
        3 => Is(name, "big") || Is(name, "wbr"),
        4 => Is(name, "span") || Is(name, "font"),
        5 => Is(name, "small"),
        6 => Is(name, "strong"),
        _ => false,
    };
}
