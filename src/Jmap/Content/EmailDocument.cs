using Sternpost.Messages.Content;
using Sternpost.Messages.Structure;

namespace Sternpost.Jmap.Content;

/// <summary>A message with its structure: what properties of an email are read from. Parts are numbered as IMAP numbers them.</summary>
internal sealed class EmailDocument(ReadOnlyMemory<byte> content, MessageStructure structure, int added)
{
    private List<HeaderLine>? headers;
    private BodyLists? lists;
    private BodyPart? root;

    /// <summary>A message that is not stored, such as one attached to another.</summary>
    internal static EmailDocument Parse(ReadOnlyMemory<byte> content) => new(content, MessageStructure.Parse(content.Span), 0);

    internal ReadOnlyMemory<byte> Content => content;

    /// <summary>The fields of the message's own header, with those that the server put before it.</summary>
    internal IReadOnlyList<HeaderLine> Headers => headers ??= HeaderLines.Read(Between(0, structure.Root.BodyOffset + added).Span);

    internal BodyPart Root => root ??= Number(structure.Root, "", 0);

    internal BodyLists Lists => lists ??= BodyLists.Of(Root);

    /// <summary>The part of that number, or null.</summary>
    internal BodyPart? Find(string partId) => Root.All().FirstOrDefault(part => part.PartId == partId);

    internal IReadOnlyList<HeaderLine> HeadersOf(BodyPart part) =>
        part.Structure == structure.Root ? Headers : HeaderLines.Read(Between(part.Structure.HeaderOffset + added, part.Structure.BodyOffset + added).Span);

    /// <summary>The octets of a part as they were before the transfer encoding. What is encoded in a way we do not know is given as it is.</summary>
    internal ReadOnlyMemory<byte> Decoded(BodyPart part) => TransferDecoding.TryDecode(Encoded(part), part.Structure.Encoding, out var decoded) ? decoded : Encoded(part);

    internal bool IsEncodingKnown(BodyPart part) => TransferDecoding.TryDecode(default, part.Structure.Encoding, out _);

    /// <summary>Octets of the decoded part, without decoding what need not be.</summary>
    internal long SizeOf(BodyPart part)
    {
        var encoded = Encoded(part).Span;
        switch (part.Structure.Encoding)
        {
            case "base64":
                var letters = 0L;
                foreach (var octet in encoded)
                {
                    if (char.IsAsciiLetterOrDigit((char)octet) || octet is (byte)'+' or (byte)'/') letters++;
                }
                return letters * 3 / 4;
            case "quoted-printable" or "x-uuencode" or "uuencode" or "x-uue":
                return Decoded(part).Length;
            default:
                return encoded.Length;
        }
    }

    private ReadOnlyMemory<byte> Encoded(BodyPart part) => Between(part.Structure.BodyOffset + added, part.Structure.BodyOffset + part.Structure.BodyLength + added);

    private ReadOnlyMemory<byte> Between(long from, long to)
    {
        var start = (int)Math.Clamp(from, 0, content.Length);
        return content[start..(int)Math.Clamp(to, start, content.Length)];
    }

    private static BodyPart Number(PartStructure part, string path, int index)
    {
        var number = index == 0 ? path : path.Length == 0 ? $"{index}" : $"{path}.{index}";
        if (part.Type == "multipart") return new BodyPart(part, null, [.. part.Children.Select((child, i) => Number(child, number, i + 1))]);
        return new BodyPart(part, number.Length == 0 ? "1" : number, []);
    }
}

/// <summary>One part of a message (RFC 8621 §4.1.4 EmailBodyPart).</summary>
/// <param name="Structure">What the message says of it.</param>
/// <param name="PartId">Its number; null for a multipart.</param>
/// <param name="SubParts">The parts of a multipart.</param>
internal sealed record BodyPart(PartStructure Structure, string? PartId, IReadOnlyList<BodyPart> SubParts)
{
    internal string MediaType { get; } = Structure.Type + "/" + Structure.Subtype;

    internal bool IsMultipart => PartId is null;

    /// <summary>The file name, from Content-Disposition or else Content-Type.</summary>
    internal string? Name { get; } = ParameterText.Find(Structure.DispositionParameters, "filename") ?? ParameterText.Find(Structure.Parameters, "name");

    /// <summary>§4.1.4: the charset declared; us-ascii for text that declares none.</summary>
    internal string? Charset => ParameterText.Find(Structure.Parameters, "charset") ?? (Structure.Type == "text" ? "us-ascii" : null);

    internal string? ContentId => Structure.Id?.Trim() is { Length: > 0 } id ? id.Trim('<', '>') : null;

    /// <summary>This part and all below it, in order.</summary>
    internal IEnumerable<BodyPart> All() => SubParts.SelectMany(part => part.All()).Prepend(this);
}
