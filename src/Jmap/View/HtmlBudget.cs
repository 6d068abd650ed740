using MimeKit.Text;

namespace Sternpost.Jmap.View;

/// <summary>
/// Whether HTML is of a form that mail has. Parsing as browsers do costs the square of the depth where elements are left open by the thousand, makes
/// elements anew for each paragraph that formatting reaches into, and styles are parsed by recursion: so a message is looked over in one pass first.
/// </summary>
internal static class HtmlBudget
{
    private const int MostLetters = 1024 * 1024;
    private const int MostTags = 60_000;
    private const int MostOpen = 400;
    private const int MostWork = 400_000;
    private const int MostAttributes = 200;
    private const int MostBrackets = 24;
    private const int MostStyle = 256 * 1024;

    // Their end may be left out, and the next of them ends them: they do not pile up.
    private static readonly HashSet<string> EndsItself = new(StringComparer.OrdinalIgnoreCase)
    {
        "p", "li", "td", "th", "tr", "dt", "dd", "tbody", "thead", "tfoot", "colgroup", "option", "html", "head", "body",
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
    };

    // HTML §13.2.4.3: what is left open goes on in the next paragraph.
    private static readonly HashSet<string> Formatting = new(StringComparer.OrdinalIgnoreCase) { "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u" };

    internal static bool Allows(string html)
    {
        if (html.Length > MostLetters) return false;
        using var reader = new StringReader(html);
        var tokenizer = new HtmlTokenizer(reader) { DecodeCharacterReferences = false };
        var open = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        var (tags, depth, formatting, work, style) = (0, 0, 0, 0, 0);
        while (tokenizer.ReadNextToken(out var token))
        {
            switch (token)
            {
                case HtmlTagToken tag:
                    if (++tags > MostTags || (work += 1 + formatting) > MostWork || tag.Attributes.Count > MostAttributes) return false;
                    foreach (var attribute in tag.Attributes)
                    {
                        if (attribute.Name.Equals("style", StringComparison.OrdinalIgnoreCase) && attribute.Value is { } value && !IsFlat(value)) return false;
                    }
                    if (EndsItself.Contains(tag.Name)) break;
                    var count = open.GetValueOrDefault(tag.Name);
                    if (!tag.IsEndTag)
                    {
                        open[tag.Name] = count + 1;
                        depth++;
                        if (Formatting.Contains(tag.Name)) formatting++;
                    }
                    else if (count > 0)
                    {
                        open[tag.Name] = count - 1;
                        depth--;
                        if (Formatting.Contains(tag.Name)) formatting--;
                    }
                    if (depth > MostOpen) return false;
                    break;
                case HtmlDataToken data when open.GetValueOrDefault("style") > 0:
                    if ((style += data.Data.Length) > MostStyle || !IsFlat(data.Data)) return false;
                    break;
            }
        }
        return true;
    }

    private static bool IsFlat(string css)
    {
        var (brackets, most) = (0, 0);
        foreach (var c in css)
        {
            if (c is '(' or '[' or '{') most = Math.Max(most, ++brackets);
            else if (c is ')' or ']' or '}') brackets--;
        }
        return most <= MostBrackets;
    }
}
