using System.Text;
using MimeKit.Text;

namespace Sternpost.Messages.Content;

/// <summary>HTML without its tags, scripts and styles, as searches and previews look at it.</summary>
public static class HtmlText
{
    /// <summary>The text; words of different blocks are kept apart.</summary>
    public static string Of(string html)
    {
        using var reader = new StringReader(html);
        var tokenizer = new HtmlTokenizer(reader) { DecodeCharacterReferences = true, IgnoreTruncatedTags = true };
        var text = new StringBuilder(html.Length / 2);
        var hidden = HtmlTagId.Unknown;
        while (tokenizer.ReadNextToken(out var token))
        {
            switch (token)
            {
                case HtmlTagToken { Id: HtmlTagId.Style or HtmlTagId.Script or HtmlTagId.Title } tag:
                    hidden = tag.IsEndTag || tag.IsEmptyElement ? HtmlTagId.Unknown : tag.Id;
                    break;
                // Words of different blocks must not run together; those of <b>one</b>word must not come apart.
                case HtmlTagToken { Id: HtmlTagId.Br or HtmlTagId.P or HtmlTagId.Div or HtmlTagId.TD or HtmlTagId.TH or HtmlTagId.TR or HtmlTagId.LI or HtmlTagId.H1 or HtmlTagId.H2 or HtmlTagId.H3 }:
                    text.Append(' ');
                    break;
                case HtmlDataToken data when hidden == HtmlTagId.Unknown && token.Kind == HtmlTokenKind.Data:
                    text.Append(data.Data);
                    break;
            }
        }
        return text.ToString();
    }
}
