using System.Text;
using Sternpost.Filter.Attachments;
using Sternpost.Filter.Views;

namespace Sternpost.Filter.Carried;

/// <summary>
/// Words and links of a message that its text does not show: of invitations, of documents, of codes in pictures. Who writes there what
/// the text would give away is read there as well.
/// </summary>
internal sealed class CarriedContent
{
    private const int MaxText = 32_768;
    private const int MaxCalendarOctets = 131_072;
    private const int MaxCalendars = 4;

    /// <summary>What invitations and documents say.</summary>
    internal string Text { get; private init; } = "";

    /// <summary>Where invitations, documents and codes lead.</summary>
    internal IReadOnlyList<Link> Links { get; private init; } = [];

    /// <summary>Those of <see cref="Links"/> that are codes in pictures.</summary>
    internal IReadOnlyList<Link> Codes { get; private init; } = [];

    internal static CarriedContent Of(MessageUnderJudgement message, AttachmentInspection inspection)
    {
        var text = new StringBuilder();
        var links = new List<Link>();
        var calendars = 0;
        foreach (var part in message.Mime.Parts)
        {
            if (part.ContentType != "text/calendar" || part.IsEmbedded || ++calendars > MaxCalendars) continue;
            CalendarText.Read(Charsets.Decode(part.Decode(MaxCalendarOctets).Span, part.Charset), text, links);
        }
        text.Append(inspection.Text);
        links.AddRange(inspection.Links);
        var codes = PictureCodes.Of(message.Mime.Parts, inspection.Pictures);
        links.AddRange(codes);
        if (text.Length > MaxText) text.Length = MaxText;
        return new CarriedContent { Text = text.ToString(), Links = links, Codes = codes };
    }
}
