using System.Text;

namespace Sternpost.Filter.SpamAssassin.Views;

/// <summary>The two views of a message's text: as it is read, and with its markup.</summary>
internal static class BodyLines
{
    private const int LongestLine = PartReader.LongestLine;
    private const int ReadSize = 50_000;
    private const int MarkupSize = 500_000;
    private const int BreakWithin = 1024;

    /// <summary>The text as it is read, subject first, a paragraph a line; with the HTML findings of its parts.</summary>
    internal static List<string> Read(RuleMessage message, int size, List<HtmlFindings> html)
    {
        var whole = new StringBuilder();
        var (wide, any) = (false, false);
        foreach (var part in message.Root.Leaves())
        {
            any = true;
            if (whole.Length > 0) whole.Append('\n');
            if (part.Rendered is not { } rendered) continue;
            wide |= rendered.Text.Wide;
            whole.Append(Cut(rendered.Text.Text, size, "\n "));
            if (rendered.Html is not null) html.Add(rendered.Html);
        }
        if (!any) return [];
        var text = new DecodedText(Collapse(whole.ToString(), wide), wide).ToOctets();
        var subject = message.Root.Field("subject");
        return Split((subject is null ? "\n" : subject + "\n") + text);
    }

    internal static int ReadSizeOf(Rules.RuleData data) => data.Number("body_part_scan_size", ReadSize);

    internal static int MarkupSizeOf(Rules.RuleData data) => data.Number("rawbody_part_scan_size", MarkupSize);

    /// <summary>The text parts with their markup, in pieces of 2 to 4 KB.</summary>
    internal static List<string> Markup(RuleMessage message, int size)
    {
        var pieces = new List<string>();
        foreach (var part in message.Root.Leaves())
        {
            var type = part.EffectiveType;
            if (part.Type == "text/calendar" || !(type.StartsWith("text", StringComparison.Ordinal) || type.StartsWith("message", StringComparison.Ordinal))) continue;
            SplitMarkup(Cut(part.Decoded, size, "\n> "), pieces);
        }
        return pieces;
    }

    // After so much text the next line end, or sign, or space, ends it.
    private static string Cut(string text, int size, string breaks)
    {
        if (size == 0 || text.Length <= size) return text;
        foreach (var c in breaks)
        {
            var at = text.IndexOf(c, size);
            if (at >= 0 && at - size <= BreakWithin) return text[..(at + 1)];
        }
        return text[..size];
    }

    /// <summary>Blank lines become line ends, all other white space single spaces.</summary>
    private static string Collapse(string text, bool wide)
    {
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (!IsSpace(c, wide))
            {
                result.Append(c == '\0' ? '\n' : c);
                continue;
            }
            var end = i;
            var (first, last) = (-1, -1);
            while (end < text.Length && IsSpace(text[end], wide))
            {
                if (text[end] == '\n')
                {
                    if (first < 0) first = end;
                    last = end;
                }
                end++;
            }
            if (first >= 0 && last > first)
            {
                if (first > i) result.Append(' ');
                result.Append('\n');
                if (last < end - 1) result.Append(' ');
            }
            else result.Append(' ');
            i = end - 1;
        }
        return result.ToString();
    }

    private static bool IsSpace(char c, bool wide) => c is ' ' or '\t' or '\n' or '\r' or '\f' or '\v' || (wide && c >= '\x80' && char.IsWhiteSpace(c));

    private static List<string> Split(string text)
    {
        var lines = new List<string>();
        for (var start = 0; start < text.Length;)
        {
            var feed = text.IndexOf('\n', start);
            var end = feed < 0 ? text.Length : feed + 1;
            while (end - start > LongestLine)
            {
                var space = text.LastIndexOf(' ', start + LongestLine, LongestLine + 1);
                var length = space < 0 ? LongestLine : space - start + 1;
                lines.Add(text.Substring(start, length));
                start += length;
            }
            lines.Add(text[start..end]);
            start = end;
        }
        return lines;
    }

    private static void SplitMarkup(string text, List<string> pieces)
    {
        if (text.Length <= LongestLine)
        {
            pieces.Add(text);
            return;
        }
        var start = 0;
        while (text.Length - start > 2 * LongestLine)
        {
            var end = -1;
            foreach (var c in "\n> ")
            {
                end = text.IndexOf(c, start + LongestLine);
                if (end >= 0 && end - start + 1 <= 2 * LongestLine) break;
                end = -1;
            }
            if (end < 0) end = start + LongestLine;
            pieces.Add(text[start..(end + 1)]);
            start = end + 1;
        }
        if (start < text.Length) pieces.Add(text[start..]);
    }
}
