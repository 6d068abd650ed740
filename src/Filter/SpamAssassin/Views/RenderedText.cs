namespace Sternpost.Filter.SpamAssassin.Views;

/// <summary>A text part as it is read; for HTML also what its markup came to.</summary>
/// <param name="Text">The text in characters.</param>
/// <param name="Html">The findings of the HTML; null for plain text.</param>
internal sealed record RenderedText(DecodedText Text, HtmlFindings? Html)
{
    internal static RenderedText Of(MessagePart part)
    {
        var octets = part.Decoded;
        var text = DecodedText.OfPart(octets, part.Charset ?? "us-ascii");
        if (part.EffectiveType != "text/html" || octets.Length == 0) return new RenderedText(text, null);
        var rendering = new HtmlRendering(text);
        var rendered = rendering.Render();
        var html = rendering.Findings;
        html.RenderedLength = rendered.Text.Length;
        html.NonSpaceLength = rendered.Text.Length - Spaces(rendered);
        if (octets.Length > 0) html.Ratio = (double)(octets.Length - rendered.Text.Length) / octets.Length;
        return new RenderedText(rendered, html);
    }

    private static int Spaces(DecodedText text)
    {
        var count = 0;
        foreach (var c in text.Text)
        {
            if (c is ' ' or '\t' or '\n' or '\r' or '\v' || (text.Wide && char.IsWhiteSpace(c))) count++;
        }
        return count;
    }
}
