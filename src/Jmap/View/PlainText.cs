using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Sternpost.Jmap.View;

/// <summary>Plain text as HTML: addresses become links, quotations are set in, lines that were broken only for transport flow again (RFC 3676).</summary>
internal static partial class PlainText
{
    private const int MostLetters = 2 * 1024 * 1024;
    private const int MostQuoted = 20;

    internal static string ToHtml(string text, bool isFlowed, bool deletesSpace)
    {
        if (text.Length > MostLetters) text = text[..MostLetters];
        // Every message ends with a line's end, and none of them wants an empty line below it.
        text = text.TrimEnd('\r', '\n');
        var html = new StringBuilder(text.Length + (text.Length / 4));
        var depth = 0;
        var inSignature = false;
        foreach (var (level, line) in Lines(text, isFlowed, deletesSpace))
        {
            for (; depth < level; depth++) html.Append("<blockquote>");
            for (; depth > level; depth--) html.Append("</blockquote>");
            // RFC 3676 §4.3: two dashes and a space alone begin the signature.
            if (line == "-- " && !inSignature && level == 0)
            {
                inSignature = true;
                html.Append("<div class=\"signature\">");
            }
            html.Append("<div class=\"line\">");
            if (line.Length == 0) html.Append("<br>");
            else AppendLine(html, line);
            html.Append("</div>");
        }
        for (; depth > 0; depth--) html.Append("</blockquote>");
        if (inSignature) html.Append("</div>");
        return html.ToString();
    }

    private static IEnumerable<(int Level, string Line)> Lines(string text, bool isFlowed, bool deletesSpace)
    {
        StringBuilder? held = null;
        var heldLevel = 0;
        foreach (var raw in text.Split('\n'))
        {
            var line = raw.TrimEnd('\r');
            var (level, start) = (0, 0);
            while (start < line.Length && line[start] == '>' && level < MostQuoted)
            {
                level++;
                start++;
                if (start + 1 < line.Length && line[start] == ' ' && line[start + 1] == '>') start++;
            }
            if (start < line.Length && line[start] == ' ' && (level > 0 || isFlowed)) start++;
            var rest = line[start..];
            if (held is not null && heldLevel != level)
            {
                yield return (heldLevel, held.ToString());
                held = null;
            }
            if (isFlowed && rest.EndsWith(' ') && rest != "-- ")
            {
                held ??= new StringBuilder();
                heldLevel = level;
                held.Append(deletesSpace ? rest.AsSpan(0, rest.Length - 1) : rest);
                continue;
            }
            yield return (level, held is null ? rest : held.Append(rest).ToString());
            held = null;
        }
        if (held is not null) yield return (heldLevel, held.ToString());
    }

    private static void AppendLine(StringBuilder html, string line)
    {
        var from = 0;
        foreach (Match match in Address().Matches(line))
        {
            var found = match.Value.TrimEnd('.', ',', ';', ':', '!', '?', '\'', '"', '>');
            // A closing bracket belongs to the sentence unless the address opened one.
            while (found.EndsWith(')') && found.Count(c => c == ')') > found.Count(c => c == '(')) found = found[..^1];
            var target = found.StartsWith("www.", StringComparison.OrdinalIgnoreCase) ? "https://" + found : found.Contains("://", StringComparison.Ordinal) ? found : "mailto:" + found;
            if (!Uri.TryCreate(target, UriKind.Absolute, out var address)) continue;
            html.Append(WebUtility.HtmlEncode(line[from..match.Index]))
                .Append("<a target=\"_blank\" rel=\"noopener noreferrer nofollow\" href=\"").Append(WebUtility.HtmlEncode(address.AbsoluteUri)).Append("\" title=\"").Append(WebUtility.HtmlEncode(address.AbsoluteUri)).Append("\">")
                .Append(WebUtility.HtmlEncode(found)).Append("</a>");
            from = match.Index + found.Length;
        }
        html.Append(WebUtility.HtmlEncode(line[from..]));
    }

    [GeneratedRegex(@"\bhttps?://[^\s<>""]{1,2000}|\bwww\.[^\s<>""]{3,500}|[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[\w]{2,24}", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Address();
}
