namespace Sternpost.Jmap.Content;

/// <summary>A message's parts as a reader wants them (RFC 8621 §4.1.4): what to show as plain text, what to show as HTML, and the rest.</summary>
internal sealed class BodyLists
{
    private List<BodyPart>? text = [];
    private List<BodyPart>? html = [];
    private readonly List<BodyPart> attachments = [];

    private BodyLists() { }

    internal IReadOnlyList<BodyPart> Text { get; private set; } = [];

    internal IReadOnlyList<BodyPart> Html { get; private set; } = [];

    internal IReadOnlyList<BodyPart> Attachments => attachments;

    /// <summary>§4.1.4: something a client would offer to save.</summary>
    internal bool HasAttachment => attachments.Exists(part => part.Structure.Disposition != "inline");

    internal static BodyLists Of(BodyPart root)
    {
        var lists = new BodyLists();
        var (text, html) = (lists.text!, lists.html!);
        lists.Walk([root], "mixed", inAlternative: false, ref lists.text, ref lists.html);
        lists.Text = text;
        lists.Html = html;
        return lists;
    }

    // The algorithm of RFC 8621 §4.1.4. A list that is null is closed for the rest of this level: an alternative has shown the other form.
    private void Walk(IReadOnlyList<BodyPart> parts, string multipart, bool inAlternative, ref List<BodyPart>? texts, ref List<BodyPart>? htmls)
    {
        var (textBefore, htmlBefore) = (texts?.Count ?? -1, htmls?.Count ?? -1);
        for (var i = 0; i < parts.Count; i++)
        {
            var part = parts[i];
            if (part.IsMultipart)
            {
                // The lists that a deeper level closes are closed there only.
                var (innerText, innerHtml) = (texts, htmls);
                Walk(part.SubParts, part.Structure.Subtype, inAlternative || part.Structure.Subtype == "alternative", ref innerText, ref innerHtml);
            }
            else if (!IsInline(part, i, multipart)) attachments.Add(part);
            else if (multipart == "alternative")
            {
                if (part.MediaType == "text/plain" && texts is not null) texts.Add(part);
                else if (part.MediaType == "text/html" && htmls is not null) htmls.Add(part);
                else attachments.Add(part);
            }
            else
            {
                if (inAlternative)
                {
                    if (part.MediaType == "text/plain") htmls = null;
                    if (part.MediaType == "text/html") texts = null;
                }
                texts?.Add(part);
                htmls?.Add(part);
                if ((texts is null || htmls is null) && IsMedia(part)) attachments.Add(part);
            }
        }
        if (multipart != "alternative" || texts is null || htmls is null) return;
        // Only one of both forms was found: it stands for the other as well.
        if (texts.Count == textBefore && htmls.Count != htmlBefore) texts.AddRange(htmls[htmlBefore..]);
        else if (htmls.Count == htmlBefore && texts.Count != textBefore) htmls.AddRange(texts[textBefore..]);
    }

    private static bool IsInline(BodyPart part, int index, string multipart) =>
        part.Structure.Disposition != "attachment"
        && (part.MediaType is "text/plain" or "text/html" || IsMedia(part))
        && (index == 0 || (multipart != "related" && (IsMedia(part) || part.Name is null)));

    private static bool IsMedia(BodyPart part) => part.Structure.Type is "image" or "audio" or "video";
}
