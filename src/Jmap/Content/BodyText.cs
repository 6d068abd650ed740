using System.Text;
using System.Text.Json.Nodes;
using Sternpost.Messages.Content;

namespace Sternpost.Jmap.Content;

/// <summary>The text of parts (RFC 8621 §4.1.4 EmailBodyValue), and the preview.</summary>
internal static class BodyText
{
    // RFC 8621 §4.1.4: at most 256 characters.
    private const int PreviewLength = 256;
    private const int MostOfPreview = 64 * 1024;

    /// <summary>The whole text of a part, line ends as LF.</summary>
    internal static (string Text, bool IsProblem) Of(EmailDocument document, BodyPart part)
    {
        var text = Charsets.Decode(document.Decoded(part).Span, part.Charset, out var problem);
        return (text.Replace("\r\n", "\n", StringComparison.Ordinal), problem || !document.IsEncodingKnown(part));
    }

    /// <summary>An EmailBodyValue of at most so many octets of UTF-8; 0 for all.</summary>
    internal static JsonObject Value(EmailDocument document, BodyPart part, long most)
    {
        var (text, problem) = Of(document, part);
        var whole = text;
        if (most > 0 && Encoding.UTF8.GetByteCount(text) > most) text = Cut(text, most, part.MediaType == "text/html");
        return new JsonObject { ["value"] = text, ["isEncodingProblem"] = problem, ["isTruncated"] = text.Length < whole.Length };
    }

    /// <summary>The first words of what a person would read, on one line.</summary>
    internal static string Preview(EmailDocument document)
    {
        var part = document.Lists.Text.FirstOrDefault(text => text.Structure.Type == "text") ?? document.Lists.Html.FirstOrDefault(text => text.Structure.Type == "text");
        if (part is null) return "";
        var (text, _) = Of(document, part);
        if (text.Length > MostOfPreview) text = text[..MostOfPreview];
        if (part.MediaType == "text/html") text = HtmlText.Of(text);
        return OneLine(text, PreviewLength);
    }

    internal static string OneLine(string text, int most)
    {
        var line = new StringBuilder(most);
        var space = false;
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsWhiteSpace(rune) || Rune.IsControl(rune))
            {
                space = line.Length > 0;
                continue;
            }
            if (line.Length + 3 > most) break;
            if (space) line.Append(' ');
            space = false;
            line.Append(rune);
        }
        return line.ToString();
    }

    // Never within a character, nor within a tag of HTML (RFC 8621 §4.2).
    private static string Cut(string text, long most, bool isHtml)
    {
        var octets = 0L;
        var length = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            octets += rune.Utf8SequenceLength;
            if (octets > most) break;
            length += rune.Utf16SequenceLength;
        }
        var cut = text[..length];
        if (isHtml && cut.LastIndexOf('<') is >= 0 and var open && cut.IndexOf('>', open) < 0) cut = cut[..open];
        return cut;
    }
}
