using System.Text;
using Sternpost.Messages.Content;
using Sternpost.Messages.Structure;

namespace Sternpost.Mailboxes.Searching;

/// <summary>The text of a message's bodies as searches look at it: encodings undone, HTML without its tags, messages within it and the names of its files too.</summary>
internal static class MessageBodies
{
    // Octets of encoded text, and characters in all: what lies behind is not found by words.
    private const int MostOctets = 4 << 20;
    private const int MostText = 1 << 20;

    internal static string Of(ReadOnlyMemory<byte> content, StoredEmail email)
    {
        var text = new StringBuilder();
        var left = MostOctets;
        Walk(email.Structure.Root);
        return SearchWords.Prepare(text.Length > MostText ? text.ToString(0, MostText) : text.ToString());

        void Walk(PartStructure part)
        {
            if (left <= 0 || text.Length > MostText) return;
            var name = ParameterText.Find(part.DispositionParameters, "filename") ?? ParameterText.Find(part.Parameters, "name");
            if (name is not null) text.Append(name).Append('\n');
            foreach (var child in part.Children) Walk(child);
            if (part.Message is { } inner)
            {
                text.Append(EncodedWords.Decode(inner.Envelope.Subject)).Append('\n');
                foreach (var from in inner.Envelope.From) text.Append(EncodedWords.Decode(from.Name)).Append(' ').Append(from.Mailbox).Append('@').Append(from.Host).Append('\n');
                Walk(inner.Root);
            }
            else if (part.Type == "text") Add(part);
        }

        void Add(PartStructure part)
        {
            var start = (int)Math.Clamp(part.BodyOffset + email.PrefixLength, 0, content.Length);
            var length = (int)Math.Clamp(part.BodyLength, 0, Math.Min(left, content.Length - start));
            left -= length;
            if (!TransferDecoding.TryDecode(content.Slice(start, length), part.Encoding, out var decoded)) return;
            var words = Charsets.Decode(decoded.Span, ParameterText.Find(part.Parameters, "charset"));
            text.Append(part.Subtype == "html" ? HtmlText.Of(words) : words).Append('\n');
        }
    }
}
