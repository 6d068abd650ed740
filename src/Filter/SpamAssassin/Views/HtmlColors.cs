using System.Globalization;
using System.Text.RegularExpressions;

namespace Sternpost.Filter.SpamAssassin.Views;

/// <summary>Colours as HTML writes them, as #rrggbb; "invalid" for what is none.</summary>
internal static partial class HtmlColors
{
    internal const string Invalid = "invalid";

    // CSS Color Module Level 3 §4.3.
    private static readonly Dictionary<string, int> Names = Parse(
        "aliceblue f0f8ff antiquewhite faebd7 aqua 00ffff aquamarine 7fffd4 azure f0ffff beige f5f5dc bisque ffe4c4 black 000000 blanchedalmond ffebcd blue 0000ff "
        + "blueviolet 8a2be2 brown a52a2a burlywood deb887 cadetblue 5f9ea0 chartreuse 7fff00 chocolate d2691e coral ff7f50 cornflowerblue 6495ed cornsilk fff8dc "
        + "crimson dc143c cyan 00ffff darkblue 00008b darkcyan 008b8b darkgoldenrod b8860b darkgray a9a9a9 darkgreen 006400 darkgrey a9a9a9 darkkhaki bdb76b "
        + "darkmagenta 8b008b darkolivegreen 556b2f darkorange ff8c00 darkorchid 9932cc darkred 8b0000 darksalmon e9967a darkseagreen 8fbc8f darkslateblue 483d8b "
        + "darkslategray 2f4f4f darkslategrey 2f4f4f darkturquoise 00ced1 darkviolet 9400d3 deeppink ff1493 deepskyblue 00bfff dimgray 696969 dimgrey 696969 "
        + "dodgerblue 1e90ff firebrick b22222 floralwhite fffaf0 forestgreen 228b22 fuchsia ff00ff gainsboro dcdcdc ghostwhite f8f8ff gold ffd700 goldenrod daa520 "
        + "gray 808080 green 008000 greenyellow adff2f grey 808080 honeydew f0fff0 hotpink ff69b4 indianred cd5c5c indigo 4b0082 ivory fffff0 khaki f0e68c "
        + "lavender e6e6fa lavenderblush fff0f5 lawngreen 7cfc00 lemonchiffon fffacd lightblue add8e6 lightcoral f08080 lightcyan e0ffff lightgoldenrodyellow fafad2 "
        + "lightgray d3d3d3 lightgreen 90ee90 lightgrey d3d3d3 lightpink ffb6c1 lightsalmon ffa07a lightseagreen 20b2aa lightskyblue 87cefa lightslategray 778899 "
        + "lightslategrey 778899 lightsteelblue b0c4de lightyellow ffffe0 lime 00ff00 limegreen 32cd32 linen faf0e6 magenta ff00ff maroon 800000 "
        + "mediumaquamarine 66cdaa mediumblue 0000cd mediumorchid ba55d3 mediumpurple 9370db mediumseagreen 3cb371 mediumslateblue 7b68ee mediumspringgreen 00fa9a "
        + "mediumturquoise 48d1cc mediumvioletred c71585 midnightblue 191970 mintcream f5fffa mistyrose ffe4e1 moccasin ffe4b5 navajowhite ffdead navy 000080 "
        + "oldlace fdf5e6 olive 808000 olivedrab 6b8e23 orange ffa500 orangered ff4500 orchid da70d6 palegoldenrod eee8aa palegreen 98fb98 paleturquoise afeeee "
        + "palevioletred db7093 papayawhip ffefd5 peachpuff ffdab9 peru cd853f pink ffc0cb plum dda0dd powderblue b0e0e6 purple 800080 red ff0000 rosybrown bc8f8f "
        + "royalblue 4169e1 saddlebrown 8b4513 salmon fa8072 sandybrown f4a460 seagreen 2e8b57 seashell fff5ee sienna a0522d silver c0c0c0 skyblue 87ceeb "
        + "slateblue 6a5acd slategray 708090 slategrey 708090 snow fffafa springgreen 00ff7f steelblue 4682b4 tan d2b48c teal 008080 thistle d8bfd8 tomato ff6347 "
        + "turquoise 40e0d0 violet ee82ee wheat f5deb3 white ffffff whitesmoke f5f5f5 yellow ffff00 yellowgreen 9acd32");

    private static Dictionary<string, int> Parse(string table)
    {
        var words = table.Split(' ');
        var names = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < words.Length; i += 2) names[words[i]] = int.Parse(words[i + 1], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return names;
    }

    internal static string Of(string text)
    {
        var color = text.ToLowerInvariant().Trim(MessagePart.Blank);
        if (color.Length > 256) return Invalid;
        if (Names.TryGetValue(color, out var known)) return "#" + known.ToString("x6", CultureInfo.InvariantCulture);
        if (!Shape().IsMatch(color)) return Invalid;
        var percent = Percent().Match(color);
        if (percent.Success) color = Hexadecimal(percent, 2.55);
        var number = Number().Match(color);
        if (number.Success) color = Hexadecimal(number, 1);
        if (!color.StartsWith('#')) return Invalid;
        color = string.Concat(color.Where(char.IsAsciiHexDigit));
        if (color.Length > 6) color = color[..6];
        if (color.Length is > 3 and < 6) color = color[..3];
        if (color.Length % 3 != 0) color += new string('0', 3 - (color.Length % 3));
        if (color.Length == 3) color = string.Concat(color[0], color[0], color[1]) + string.Concat(color[1], color[2], color[2]);
        return "#" + color;
    }

    private static string Hexadecimal(Match match, double factor)
    {
        var result = "#";
        for (var i = 1; i <= 3; i++)
        {
            var value = int.TryParse(match.Groups[i].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? (long)(parsed * factor) : 0;
            result += value.ToString("x2", CultureInfo.InvariantCulture);
        }
        return result;
    }

    /// <summary>True where text of the one colour can hardly be seen on the other; both valid.</summary>
    internal static bool AreAlike(string a, string b)
    {
        if (!TryParts(a, out var first) || !TryParts(b, out var second)) return false;
        // ITU-R BT.709 weights: the eye sees green best.
        var (red, green, blue) = (0.2126 * (first.Red - second.Red), 0.7152 * (first.Green - second.Green), 0.0722 * (first.Blue - second.Blue));
        return Math.Sqrt((red * red) + (green * green) + (blue * blue)) < 12;
    }

    private static bool TryParts(string color, out (int Red, int Green, int Blue) parts)
    {
        parts = default;
        if (!int.TryParse(color.AsSpan().TrimStart('#'), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var value) || color.TrimStart('#').Length != 6) return false;
        parts = (value >> 16, (value >> 8) & 255, value & 255);
        return true;
    }

    [GeneratedRegex(@"^[#a-f0-9]*$|rgb\([\d%, ]*\)")]
    private static partial Regex Shape();

    [GeneratedRegex(@"rgb\((\d+)%,\s*(\d+)%,\s*(\d+)%\s*\)")]
    private static partial Regex Percent();

    [GeneratedRegex(@"rgb\((\d+),\s*(\d+),\s*(\d+)\s*\)")]
    private static partial Regex Number();
}
