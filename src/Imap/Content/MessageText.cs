using System.Text;
using Sternpost.Mailboxes;
using Sternpost.Messages.Content;
using Sternpost.Messages.Structure;

namespace Sternpost.Imap.Content;

/// <summary>
/// A message as text that searches and previews look at: transfer encodings, charsets and encoded words undone, HTML
/// without its tags. Of a message beyond <see cref="MostOctets"/> only the beginning is looked at.
/// </summary>
internal sealed class MessageText(ReadOnlyMemory<byte> content, StoredEmail email)
{
    /// <summary>Octets of encoded text read of one message.</summary>
    internal const int MostOctets = 8 << 20;

    private string? header;
    private IReadOnlyList<string>? bodies;

    /// <summary>The header, decoded and unfolded, a line for each field.</summary>
    internal string Header => header ??= DecodeHeader(SectionSlices.Header(content, email).Span);

    /// <summary>The text of each text part and the header of each message within the message, in their order.</summary>
    internal IReadOnlyList<string> Bodies => bodies ??= ReadBodies();

    /// <summary>True where a field of that name holds the text; an empty text asks only for the field.</summary>
    internal bool HasField(string name, string text)
    {
        var octets = SectionSlices.Header(content, email).Span;
        while (SectionSlices.NextField(octets, out var field, out var found))
        {
            if (Ascii.EqualsIgnoreCase(found, name))
            {
                if (text.Length == 0 || DecodeField(field[(found.Length + 1)..]).Contains(text, StringComparison.OrdinalIgnoreCase)) return true;
            }
            octets = octets[field.Length..];
        }
        return false;
    }

    /// <summary>The text of one part, HTML as text; null where it is no text or its encoding is unknown.</summary>
    internal static string? TextOf(ReadOnlyMemory<byte> content, long added, PartStructure part, int most)
    {
        if (part.Type != "text") return null;
        var body = SectionSlices.Body(content, part, added);
        if (!TransferDecoding.TryDecode(body.Length > most ? body[..most] : body, part.Encoding, out var decoded)) return null;
        var text = Charsets.Decode(decoded.Span, part.Parameters.FirstOrDefault(parameter => parameter.Key == "charset").Value);
        return part.Subtype == "html" ? HtmlText.Of(text) : text;
    }

    private List<string> ReadBodies()
    {
        var texts = new List<string>();
        var left = MostOctets;
        var added = email.PrefixLength;
        Walk(email.Structure.Root);
        return texts;

        void Walk(PartStructure part)
        {
            if (left <= 0) return;
            foreach (var child in part.Children) Walk(child);
            if (part.Message is { } inner)
            {
                var header = content[(int)Math.Min(inner.Root.HeaderOffset + added, content.Length)..(int)Math.Min(inner.Root.BodyOffset + added, content.Length)];
                texts.Add(DecodeHeader(header.Span));
                left -= header.Length;
                Walk(inner.Root);
            }
            else if (TextOf(content, added, part, left) is { } text)
            {
                texts.Add(text);
                left -= (int)Math.Min(part.BodyLength, left);
            }
        }
    }

    private static string DecodeHeader(ReadOnlySpan<byte> octets)
    {
        var text = new StringBuilder();
        while (SectionSlices.NextField(octets, out var field, out _))
        {
            text.Append(DecodeField(field)).Append('\n');
            octets = octets[field.Length..];
        }
        return text.ToString();
    }

    private static string DecodeField(ReadOnlySpan<byte> field)
    {
        var text = Charsets.Decode(field, null).Replace("\r", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal);
        return EncodedWords.Decode(text);
    }
}
