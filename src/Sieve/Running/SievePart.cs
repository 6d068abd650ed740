using System.Text;
using MimeKit;
using Sternpost.Messages.Content;

namespace Sternpost.Sieve.Running;

/// <summary>A part of a message (RFC 5703 §2), read from MimeKit's tree.</summary>
internal sealed class SievePart
{
    // What one part gives to a test or a variable.
    private const int MaxOctets = 4 * 1024 * 1024;

    private readonly MimeEntity? entity;
    private readonly HeaderList? messageHeader;
    private IReadOnlyList<SieveField>? fields;
    private byte[]? content;

    internal SievePart(MimeEntity? entity, SievePart? parent, HeaderList? messageHeader, List<SievePart>? siblings)
    {
        this.entity = entity;
        this.messageHeader = messageHeader;
        Parent = parent;
        siblings?.Add(this);
        IsOpaque = entity is MimePart && ((entity.Headers[HeaderId.ContentTransferEncoding] is { } encoding && encoding.Trim().ToLowerInvariant() is not ("" or "7bit" or "8bit" or "binary" or "base64" or "quoted-printable" or "x-uuencode" or "uuencode"))
            || (entity.Headers[HeaderId.ContentType] is { } type && type.Split(';')[0].Count(c => c == '/') > 1));
    }

    internal SievePart? Parent { get; }

    internal List<SievePart> Children { get; } = [];

    /// <summary>"text"; what says nothing is text/plain (RFC 2045 §5.2), and what says it in an encoding nobody knows is octets (§6.4).</summary>
    internal string Type => IsOpaque ? "application" : entity?.ContentType.MediaType.ToLowerInvariant() ?? "text";

    /// <summary>Text to be read; XHTML is text as well (RFC 5173 §5.3 leaves it to the server).</summary>
    internal bool IsText => !IsMultipart && !IsMessage && (Type == "text" || (Type == "application" && Subtype == "xhtml+xml"));

    /// <summary>"plain".</summary>
    internal string Subtype => IsOpaque ? "octet-stream" : entity?.ContentType.MediaSubtype.ToLowerInvariant() ?? "plain";

    private bool IsOpaque { get; }

    internal bool IsMultipart => entity is Multipart;

    internal bool IsMessage => entity is MessagePart;

    /// <summary>The part's own MIME fields, and for the body of a message that message's header.</summary>
    // MimeKit gives a message's fields that describe its body to the body.
    internal IReadOnlyList<SieveField> Fields => fields ??= [.. Read(messageHeader), .. Read(entity?.Headers)];

    /// <summary>The MIME fields by which a part describes itself, of a message's body those of the message.</summary>
    internal IEnumerable<SieveField> Named(string name) => Fields.Where(field => field.Is(name));

    /// <summary>Undone from its transfer encoding; of a container nothing.</summary>
    internal byte[] Content => content ??= Decode();

    /// <summary>The content as text: by its charset where it is text, HTML without its tags where asked.</summary>
    internal string Text(bool plain)
    {
        var text = Charsets.Decode(Content, entity?.ContentType.Charset);
        return plain && Subtype is "html" or "xhtml+xml" ? HtmlText.Of(text) : text;
    }

    /// <summary>The text before a multipart's first and behind its last boundary.</summary>
    internal (string Before, string Behind) Around => entity is Multipart multipart ? (multipart.Preamble ?? "", multipart.Epilogue ?? "") : ("", "");

    /// <summary>The header of the message a message part holds, as text.</summary>
    internal string InnerHeader
    {
        get
        {
            if (entity is not MessagePart { Message: { } inner }) return "";
            var text = new StringBuilder();
            foreach (var header in inner.Headers) text.Append(header.Field).Append(':').Append(SieveText.Decode(header.RawValue).TrimEnd('\r', '\n')).Append("\r\n");
            return text.ToString();
        }
    }

    private static IEnumerable<SieveField> Read(HeaderList? headers) =>
        headers is null ? [] : headers.Select(header => new SieveField(header.Field, SieveText.Decode(header.RawValue).TrimEnd('\r', '\n')));

    private byte[] Decode()
    {
        if (entity is not MimePart { Content: { } encoded }) return [];
        using var stream = new MemoryStream();
        using var decoded = encoded.Open();
        var buffer = new byte[16 * 1024];
        for (int got; stream.Length < MaxOctets && (got = decoded.Read(buffer)) > 0;) stream.Write(buffer, 0, got);
        return stream.ToArray();
    }
}
