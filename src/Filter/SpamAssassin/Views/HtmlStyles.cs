using System.Globalization;
using System.Text.RegularExpressions;

namespace Sternpost.Filter.SpamAssassin.Views;

/// <summary>The style text has at a place: enough to know whether it can be seen.</summary>
internal sealed record HtmlStyle(string Tag, string Foreground, string Background, int Size)
{
    internal string? Display { get; init; }

    internal string? Visibility { get; init; }
}

/// <summary>The styles of the elements that are open.</summary>
internal sealed partial class HtmlStyles(HtmlFindings findings)
{
    private const int Deepest = 1000;
    private static readonly HashSet<string> Styled = new("body font table tr th td big small basefont marquee span p div a".Split(' '), StringComparer.Ordinal);

    private readonly List<HtmlStyle> stack = [new("default", "#000000", "#ffffff", 3)];
    private int baseSize = 3;

    internal static bool Concerns(string tag) => Styled.Contains(tag);

    internal void Close(string tag)
    {
        if (tag == "th") tag = "td";
        if (tag == "body") return;
        var at = stack.FindLastIndex(style => style.Tag == tag);
        if (at > 0) stack.RemoveRange(at, stack.Count - at);
    }

    internal void Open(string tag, Dictionary<string, string> attributes)
    {
        if (tag == "th") tag = "td";
        if (tag == "basefont" && attributes.TryGetValue("size", out var size) && LeadingNumber().Match(size) is { Success: true } number)
        {
            baseSize = Bounded(number.Groups[1].Value);
            return;
        }
        if (tag is "td" or "tr") CloseCells(tag);
        if (stack.Count >= Deepest) return;
        var style = stack[^1] with { Tag = tag };
        if (tag is "big" or "small")
        {
            stack.Add(style with { Size = style.Size + (tag == "big" ? 1 : -1) });
            return;
        }
        foreach (var (name, value) in attributes)
        {
            // The attribute bgcolor is read and then forgotten by SpamAssassin; rules on contrast are tuned to that.
            if (!Counts(tag, name)) continue;
            style = name switch
            {
                "text" or "color" => style with { Foreground = HtmlColors.Of(value) },
                "size" => WithSize(style, value),
                "style" => WithDeclarations(style, value),
                _ => style,
            };
            if (style.Size > findings.LargestSize) findings.LargestSize = style.Size;
            else if (style.Size < findings.SmallestSize) findings.SmallestSize = style.Size;
        }
        stack.Add(style);
    }

    // Which attributes say something on which element.
    private static bool Counts(string tag, string name) => tag switch
    {
        "basefont" or "font" => name is "color" or "face" or "size",
        "body" => name is "text" or "bgcolor" or "link" or "alink" or "vlink" or "background",
        "marquee" => name is "bgcolor" or "background",
        "table" or "td" or "th" or "tr" => name is "bgcolor" or "style",
        "span" or "p" or "div" or "a" => name is "style",
        _ => false,
    };

    private void CloseCells(string tag)
    {
        if (!stack.Exists(style => style.Tag == tag)) return;
        while (stack.Count > 1 && (stack[^1].Tag is "font" or "td" || (tag == "tr" && stack[^1].Tag == "tr"))) stack.RemoveAt(stack.Count - 1);
    }

    private HtmlStyle WithSize(HtmlStyle style, string value)
    {
        if (SignedNumber().Match(value) is { Success: true } signed) return style with { Size = baseSize + Bounded(signed.Groups[1].Value) };
        return LeadingNumber().Match(value) is { Success: true } number ? style with { Size = Bounded(number.Groups[1].Value) } : style;
    }

    private static int Bounded(string number) => int.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? Math.Clamp(value, -1000, 100_000) : 100_000;

    private HtmlStyle WithDeclarations(HtmlStyle style, string value)
    {
        foreach (var declaration in value.Split(';'))
        {
            if (ColorDeclaration().Match(declaration) is { Success: true } color) style = WithColor(style, color.Groups[1].Success, color.Groups[2].Value.ToLowerInvariant());
            else if (BackgroundDeclaration().Match(declaration) is { Success: true } background)
            {
                var found = CssLayers.Last(background.Groups[1].Value.ToLowerInvariant()).Select(HtmlColors.Of).FirstOrDefault(known => known != HtmlColors.Invalid);
                if (found is not null) style = style with { Background = found };
            }
            else if (AnyDeclaration().Match(declaration) is { Success: true } other)
            {
                if (other.Groups[1].Value == "display") style = style with { Display = other.Groups[2].Value };
                else if (other.Groups[1].Value == "visibility") style = style with { Visibility = other.Groups[2].Value };
            }
        }
        if (style.Background == "transparent") style = style with { Background = stack[^1].Background };
        if (style.Foreground == "transparent") style = style with { Foreground = style.Background };
        return style;
    }

    private static HtmlStyle WithColor(HtmlStyle style, bool background, string value)
    {
        value = Important().Replace(value, "");
        if (value == "inherit") return style;
        string color;
        if (value.Contains("rgb", StringComparison.Ordinal))
        {
            var numbers = string.Concat(value.Where(c => char.IsAsciiDigit(c) || c == ',')).Split(',');
            color = "#" + string.Concat(Enumerable.Range(0, 3).Select(i => (i < numbers.Length && int.TryParse(numbers[i], out var part) ? Math.Min(part, 255) : i < numbers.Length && numbers[i].Length > 9 ? 255 : 0).ToString("x2", CultureInfo.InvariantCulture)));
        }
        else color = value == "transparent" ? value : HtmlColors.Of(value);
        return background ? style with { Background = color } : style with { Foreground = color };
    }

    /// <summary>Whether text here cannot be seen; notes why.</summary>
    internal bool IsInvisible()
    {
        var style = stack[^1];
        if (Last6(style.Foreground) == Last6(style.Background) || HtmlColors.AreAlike(style.Foreground, style.Background))
        {
            findings.Flags.Add("font_low_contrast");
            return true;
        }
        if (style.Foreground == HtmlColors.Invalid || style.Background == HtmlColors.Invalid)
        {
            findings.Flags.Add("font_invalid_color");
            return true;
        }
        return style.Size <= 1 || "none".Equals(style.Display, StringComparison.OrdinalIgnoreCase) || "hidden".Equals(style.Visibility, StringComparison.OrdinalIgnoreCase);
    }

    private static string Last6(string color) => color.Length > 6 ? color[^6..] : color;

    [GeneratedRegex(@"^\s*(\d+)")]
    private static partial Regex LeadingNumber();

    [GeneratedRegex(@"^\s*([+-]\d+)")]
    private static partial Regex SignedNumber();

    [GeneratedRegex(@"^\s*(background-)?color:\s*(.+?)\s*$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ColorDeclaration();

    [GeneratedRegex(@"^\s*background:\s*(.+?)\s*$")]
    private static partial Regex BackgroundDeclaration();

    [GeneratedRegex(@"^\s*([a-z_-]+)\s*:\s*(\S.*?)\s*$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex AnyDeclaration();

    [GeneratedRegex(@"\s*!\s*important$")]
    private static partial Regex Important();
}

/// <summary>The layers of a CSS background.</summary>
internal static class CssLayers
{
    /// <summary>The words of the last layer.</summary>
    internal static List<string> Last(string background)
    {
        List<string> layer = [];
        List<string> last = [];
        var word = new System.Text.StringBuilder();
        var closing = new Stack<char>();
        foreach (var c in background)
        {
            if (closing.Count > 0)
            {
                word.Append(c);
                if (c == closing.Peek()) closing.Pop();
                else if (closing.Peek() == ')' && c is '"' or '\'') closing.Push(c);
                continue;
            }
            if (c is ' ' or ',')
            {
                if (word.Length > 0) layer.Add(word.ToString());
                word.Clear();
                if (c == ',') (last, layer) = (layer, []);
                continue;
            }
            word.Append(c);
            if (c is '(' or '"' or '\'') closing.Push(c == '(' ? ')' : c);
        }
        if (word.Length > 0) layer.Add(word.ToString());
        return layer.Count > 0 ? layer : last;
    }
}
