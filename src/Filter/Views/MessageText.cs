namespace Sternpost.Filter.Views;

/// <summary>The message as its reader sees it, made once from the MIME leaves under a budget of characters.</summary>
internal sealed class MessageText
{
    // More than any classifier needs and enough that padding in front does not hide what follows.
    internal const int MaxCharacters = 32_768;
    private const int MaxOctetsPerPart = 131_072;
    private const int MaxTextParts = 12;

    private readonly TextBuffer visible = new(MaxCharacters);
    private readonly TextBuffer hidden = new(MaxCharacters / 4);
    private readonly List<Link> links = [];

    /// <summary>What the reader sees, white space made single, in the case written.</summary>
    internal ReadOnlySpan<char> Visible => visible.Span;

    /// <summary>Text in HTML styled so that no reader sees it.</summary>
    internal ReadOnlySpan<char> Hidden => hidden.Span;

    internal IReadOnlyList<Link> Links => links;

    /// <summary>Zero-width and direction-control characters dropped from the visible text.</summary>
    internal int InvisibleCharacters => visible.Invisible;

    internal bool HasHtml { get; private set; }

    internal bool HasPlain { get; private set; }

    internal static MessageText Of(MimeTree mime)
    {
        var text = new MessageText();
        var taken = 0;
        foreach (var part in mime.Parts)
        {
            if (!part.IsText || part.IsEmbedded || part.ContentType == "text/calendar" || taken++ >= MaxTextParts) continue;
            text.Add(part);
        }
        return text;
    }

    private void Add(MimePart part)
    {
        var characters = Charsets.Decode(part.Decode(MaxOctetsPerPart).Span, part.Charset);
        if (part.ContentType == "text/html" || LooksLikeHtml(characters))
        {
            HasHtml = true;
            HtmlText.Read(characters, visible, hidden, links);
        }
        else
        {
            HasPlain = true;
            visible.Append(characters);
            BareLinks.Collect(characters, links);
        }
        visible.Break();
    }

    private static bool LooksLikeHtml(string text)
    {
        var start = text.AsSpan().TrimStart();
        return start.StartsWith("<html", StringComparison.OrdinalIgnoreCase) || start.StartsWith("<!doctype html", StringComparison.OrdinalIgnoreCase);
    }
}
