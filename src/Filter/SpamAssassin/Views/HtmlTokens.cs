using System.Net;
using System.Text;

namespace Sternpost.Filter.SpamAssassin.Views;

/// <summary>What hears the pieces of an HTML text.</summary>
internal interface IHtmlListener
{
    /// <summary>A start tag; the first of attributes of one name counts.</summary>
    void StartTag(string name, Dictionary<string, string> attributes);

    void EndTag(string name);

    /// <summary>Text with its entities decoded.</summary>
    void Text(string text);

    /// <summary>A comment with its delimiters.</summary>
    void Comment(string text);

    /// <summary>A document type declaration.</summary>
    void Declaration(string text);
}

/// <summary>
/// Takes HTML apart as Perl's HTML::Parser does in its forgiving mode: rules count tags, comments and pieces of text as it cuts them.
/// One pass; every character is looked at a bounded number of times.
/// </summary>
internal sealed class HtmlTokens(string text, IHtmlListener listener)
{
    private const int LongestTag = 65536;
    private static readonly string[] Literal = ["script", "style", "xmp", "iframe", "plaintext", "title", "textarea"];

    private int position;
    private string? literal;
    private int noCommentEnd = int.MaxValue;
    private int noGreaterThan = int.MaxValue;

    internal void Read()
    {
        var from = 0;
        while (position < text.Length)
        {
            if (literal is not null)
            {
                ReadLiteral();
                from = position;
                continue;
            }
            var open = text.IndexOf('<', position);
            if (open < 0) break;
            if (open > from) Say(from, open);
            from = position = open;
            if (text.Length - position < 3) break;
            var next = text[position + 1];
            var end = next switch
            {
                '/' => ReadEndTag(),
                '!' => ReadDeclaration(),
                '?' => Until('>', position + 2),
                (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or '_' or ':' => ReadStartTag(),
                _ => 0,
            };
            if (end == Unfinished) break;
            // Not a tag: the sign is text, and begins a new piece of it.
            if (end == 0) position++;
            else from = position = end;
            if (end == 0 && text.IndexOf('<', position) is var following && following < 0) break;
        }
        Finish(from);
    }

    private const int Unfinished = -1;

    private void Finish(int from)
    {
        if (from >= text.Length) return;
        if (text[from] == '<' && text.Length - from >= 2 && (char.IsAsciiLetter(text[from + 1]) || text[from + 1] is '/' or '!' or '?')) listener.Comment(text[from..]);
        else
        {
            // The last word is held back until the end is known, so it is a piece of its own.
            var cut = text.Length;
            if (IsSpace(text[cut - 1]))
            {
                while (cut > from && IsSpace(text[cut - 1])) cut--;
            }
            else
            {
                while (cut > from && !IsSpace(text[cut - 1])) cut--;
                while (cut > from && IsSpace(text[cut - 1])) cut--;
            }
            if (cut > from) Say(from, cut);
            Say(cut, text.Length);
        }
    }

    private void Say(int from, int to, bool decode = true)
    {
        if (to > from) listener.Text(decode ? HtmlEntityText.Decode(text[from..to], prefixes: true) : text[from..to]);
    }

    private void ReadLiteral()
    {
        var name = literal!;
        var decode = name is "title" or "textarea";
        var from = position;
        for (var at = name == "plaintext" ? -1 : text.IndexOf("</", from, StringComparison.Ordinal); at >= 0; at = text.IndexOf("</", at + 2, StringComparison.Ordinal))
        {
            if (string.Compare(text, at + 2, name, 0, name.Length, StringComparison.OrdinalIgnoreCase) != 0) continue;
            var end = SkipSpace(at + 2 + name.Length);
            if (end >= text.Length || text[end] != '>') continue;
            Say(from, at, decode);
            listener.EndTag(name);
            literal = null;
            position = end + 1;
            return;
        }
        literal = null;
        // Never closed: the element ends here and what follows is read as usual.
        if (name == "plaintext")
        {
            Say(from, text.Length, false);
            position = text.Length;
        }
        else if (decode || name is "script" or "style")
        {
            // SpamAssassin closes scripts and styles itself, so that what is in them stays unseen.
            Say(from, text.Length, decode);
            listener.EndTag(name);
            position = text.Length;
        }
        else
        {
            listener.EndTag(name);
            position = from;
        }
    }

    private int ReadStartTag()
    {
        var at = position + 1;
        var limit = Math.Min(text.Length, position + LongestTag);
        while (at < limit && !IsSpace(text[at]) && text[at] != '>') at++;
        var name = text[(position + 1)..at].ToLowerInvariant();
        at = SkipSpace(at);
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal);
        while (at < limit && text[at] != '>')
        {
            var start = at++;
            while (at < limit && !IsSpace(text[at]) && text[at] is not ('=' or '>')) at++;
            if (at >= limit) return Unfinished;
            var attribute = text[start..at].ToLowerInvariant();
            at = SkipSpace(at);
            if (at >= limit) return Unfinished;
            var value = attribute;
            if (text[at] == '=')
            {
                at = SkipSpace(at + 1);
                if (at >= limit) return Unfinished;
                if (text[at] == '>')
                {
                    attributes.TryAdd(attribute, "");
                    break;
                }
                if (text[at] is '"' or '\'')
                {
                    var close = text.IndexOf(text[at], at + 1, limit - at - 1);
                    if (close < 0) return Unfinished;
                    value = text[(at + 1)..close];
                    at = close + 1;
                }
                else
                {
                    start = at;
                    while (at < limit && !IsSpace(text[at]) && text[at] != '>') at++;
                    if (at >= limit) return Unfinished;
                    value = text[start..at];
                }
                value = HtmlEntityText.Decode(value, prefixes: false);
                at = SkipSpace(at);
                if (at >= limit) return Unfinished;
            }
            attributes.TryAdd(attribute, value);
        }
        if (at >= limit) return Unfinished;
        listener.StartTag(name, attributes);
        if (Array.IndexOf(Literal, name) >= 0) literal = name;
        return at + 1;
    }

    private int ReadEndTag()
    {
        var at = position + 2;
        if (at >= text.Length) return Unfinished;
        var isName = !IsSpace(text[at]) && text[at] != '>';
        if (!isName)
        {
            var close = SkipUntilGreater(at);
            if (close < 0) return Unfinished;
            listener.Comment(text[position..(close + 1)]);
            return close + 1;
        }
        var start = at;
        while (at < text.Length && !IsSpace(text[at]) && text[at] != '>') at++;
        var end = SkipUntilGreater(at);
        if (end < 0) return Unfinished;
        listener.EndTag(text[start..at].ToLowerInvariant());
        return end + 1;
    }

    private int ReadDeclaration()
    {
        var at = position + 2;
        if (string.CompareOrdinal(text, at, "--", 0, 2) == 0)
        {
            var end = CommentEnd(at + 2);
            if (end < 0) return Unfinished;
            listener.Comment(text[position..end]);
            return end;
        }
        if (string.CompareOrdinal(text, at, "[CDATA[", 0, 7) == 0)
        {
            var close = text.IndexOf("]]>", at + 7, StringComparison.Ordinal);
            var last = close < 0 ? text.Length : close;
            Say(at + 7, last, false);
            return close < 0 ? text.Length : close + 3;
        }
        var greater = SkipUntilGreater(at);
        if (greater < 0) return Unfinished;
        var whole = text[position..(greater + 1)];
        if (whole.StartsWith("<!doctype", StringComparison.OrdinalIgnoreCase) && whole.Length > 10 && !char.IsAsciiLetterOrDigit(whole[9])) listener.Declaration(whole);
        else listener.Comment(whole);
        return greater + 1;
    }

    // Two dashes, white space, and the sign.
    private int CommentEnd(int from)
    {
        if (from > noCommentEnd) return -1;
        for (var at = text.IndexOf("--", from, StringComparison.Ordinal); at >= 0; at = text.IndexOf("--", at + 1, StringComparison.Ordinal))
        {
            var end = SkipSpace(at + 2);
            if (end < text.Length && text[end] == '>') return end + 1;
        }
        noCommentEnd = from;
        return -1;
    }

    private int SkipUntilGreater(int from)
    {
        if (from > noGreaterThan) return -1;
        var quote = '\0';
        var previous = ' ';
        for (var at = from; at < text.Length; at++)
        {
            var c = text[at];
            if (quote == '\0' && c == '>') return at;
            if (c is '"' or '\'')
            {
                if (c == quote) quote = '\0';
                else if (quote == '\0' && previous is ' ' or '=') quote = c;
            }
            previous = c;
        }
        noGreaterThan = from;
        return -1;
    }

    private int Until(char c, int from)
    {
        var at = text.IndexOf(c, from);
        return at < 0 ? Unfinished : at + 1;
    }

    private int SkipSpace(int at)
    {
        while (at < text.Length && IsSpace(text[at])) at++;
        return at;
    }

    private static bool IsSpace(char c) => c is ' ' or '\t' or '\n' or '\r' or '\f' or '\v';
}

/// <summary>Character references, as HTML::Parser decodes them.</summary>
internal static class HtmlEntityText
{
    private const int LongestName = 10;

    // HTML 4's Latin-1 names may stand without a semicolon; the others may not.
    private const char LastLatin1 = '\xFF';

    internal static string Decode(string text, bool prefixes)
    {
        var at = text.IndexOf('&', StringComparison.Ordinal);
        if (at < 0) return text;
        var result = new StringBuilder(text.Length);
        var from = 0;
        while (at >= 0)
        {
            var length = At(text, at, prefixes, out var replacement);
            if (length > 0)
            {
                result.Append(text.AsSpan(from, at - from)).Append(replacement);
                from = at + length;
            }
            at = text.IndexOf('&', length > 0 ? from : at + 1);
        }
        return result.Append(text.AsSpan(from)).ToString();
    }

    private static int At(string text, int at, bool prefixes, out string replacement)
    {
        replacement = "";
        return at + 1 < text.Length && text[at + 1] == '#' ? Numeric(text, at, ref replacement) : Named(text, at, prefixes, ref replacement);
    }

    private static int Numeric(string text, int at, ref string replacement)
    {
        var start = at + 2;
        var hexadecimal = start < text.Length && text[start] is 'x' or 'X';
        if (hexadecimal) start++;
        var end = start;
        long value = 0;
        while (end < text.Length && (hexadecimal ? char.IsAsciiHexDigit(text[end]) : char.IsAsciiDigit(text[end])))
        {
            value = Math.Min((value * (hexadecimal ? 16 : 10)) + Convert.ToInt32(text[end].ToString(), 16), 0x7FFFFFFF);
            end++;
        }
        if (end == start || value == 0 || value > 0x10FFFF) return 0;
        replacement = value is >= 0xD800 and <= 0xDFFF ? "\uFFFD" : char.ConvertFromUtf32((int)value);
        return end - at + (end < text.Length && text[end] == ';' ? 1 : 0);
    }

    private static int Named(string text, int at, bool prefixes, ref string replacement)
    {
        var end = at + 1;
        while (end < text.Length && end - at <= 32 && char.IsAsciiLetterOrDigit(text[end])) end++;
        var semicolon = end < text.Length && text[end] == ';';
        var name = text[(at + 1)..end];
        if (name.Length is > 0 and <= LongestName && Known(name) is { } found && (semicolon || found[0] <= LastLatin1))
        {
            replacement = found;
            return end - at + (semicolon ? 1 : 0);
        }
        if (!prefixes) return 0;
        for (var length = Math.Min(name.Length - 1, LongestName); length >= 2; length--)
        {
            if (Known(name[..length]) is not { } shorter || shorter[0] > LastLatin1) continue;
            replacement = shorter;
            return length + 1;
        }
        return 0;
    }

    private static string? Known(string name)
    {
        var decoded = WebUtility.HtmlDecode($"&{name};");
        return decoded.Length <= 2 && decoded[0] != '&' ? decoded : name is "amp" ? "&" : null;
    }
}
