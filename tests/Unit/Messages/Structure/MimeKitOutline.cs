using System.Text;
using MimeKit;
using Sternpost.Messages.Structure;

namespace Sternpost.Unit.Messages.Structure;

/// <summary>A message's tree as text, one line a part with the octets of its leaves: made by MimeKit's reader, or from our structure.</summary>
internal sealed class MimeKitOutline : MimeReader
{
    // A type MimeKit takes for a message; RFC 6522 §4 says it is a header alone.
    private const string HeadersOnly = "text/rfc822-headers";

    private readonly StringBuilder outline = new();
    private string leaf = "";
    private bool inHeadersOnly;

    private MimeKitOutline(Stream stream)
        : base(ParserOptions.Default, stream, MimeFormat.Entity)
    {
    }

    /// <summary>Null where MimeKit finds no message.</summary>
    internal static string? Of(byte[] message)
    {
        var reader = new MimeKitOutline(new MemoryStream(message));
        try
        {
            reader.ReadMessage(TestContext.Current.CancellationToken);
        }
        catch (FormatException)
        {
            return null;
        }
        return reader.outline.ToString();
    }

    internal static string Of(PartStructure part)
    {
        var type = part.Type + "/" + part.Subtype;
        if (part.Type == "multipart") return $"{type}(\n{string.Concat(part.Children.Select(Of))})\n";
        return part.Message is { } message ? $"{type}<\n{Of(message.Root)}>\n" : $"{type} {part.BodyOffset}+{part.BodyLength}\n";
    }

    protected override void OnMultipartBegin(ContentType contentType, long beginOffset, int beginLineNumber, CancellationToken cancellationToken) =>
        Add(contentType.MimeType.ToLowerInvariant() + "(\n");

    protected override void OnMultipartEnd(ContentType contentType, long beginOffset, int beginLineNumber, long headersEndOffset, long endOffset, int lines, CancellationToken cancellationToken) =>
        Add(")\n");

    protected override void OnMessagePartBegin(ContentType contentType, long beginOffset, int beginLineNumber, CancellationToken cancellationToken)
    {
        if (IsHeadersOnly(contentType)) inHeadersOnly = true;
        else Add(contentType.MimeType.ToLowerInvariant() + "<\n");
    }

    protected override void OnMessagePartEnd(ContentType contentType, long beginOffset, int beginLineNumber, long headersEndOffset, long endOffset, int lines, CancellationToken cancellationToken)
    {
        if (!IsHeadersOnly(contentType))
        {
            Add(">\n");
            return;
        }
        inHeadersOnly = false;
        Add($"{HeadersOnly} {headersEndOffset}+{endOffset - headersEndOffset}\n");
    }

    protected override void OnMimePartBegin(ContentType contentType, long beginOffset, int beginLineNumber, CancellationToken cancellationToken) =>
        leaf = contentType.MimeType.ToLowerInvariant();

    protected override void OnMimePartContentEnd(long beginOffset, int beginLineNumber, long endOffset, int lines, NewLineFormat? newLineFormat, CancellationToken cancellationToken) =>
        Add($"{leaf} {beginOffset}+{endOffset - beginOffset}\n");

    private static bool IsHeadersOnly(ContentType type) => type.MimeType.Equals(HeadersOnly, StringComparison.OrdinalIgnoreCase);

    private void Add(string line)
    {
        if (!inHeadersOnly) outline.Append(line);
    }
}
