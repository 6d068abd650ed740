using System.Runtime.CompilerServices;

namespace Sternpost.Messages.Structure;

/// <summary>
/// One walk over a message that notes where each part lies. Every octet is looked at a bounded number of times, nothing is decoded
/// or copied but the few header fields a structure holds, and malformed mail has a structure as well: lines that are no
/// header field are passed over, an unclosed multipart ends where its parent goes on, and what exceeds a budget is opaque.
/// </summary>
internal ref struct StructureParser(ReadOnlySpan<byte> message)
{
    internal const int MaxDepth = 100;
    internal const int MaxParts = 10_000;
    private const int MaxHeaderText = 1024 * 1024;
    private const int MaxReferences = 4000;
    // A line that may be a delimiter is compared with each open boundary; this many comparisons are some hundredths of a second.
    private const int MaxComparisons = 2_000_000;

    private readonly ReadOnlySpan<byte> message = message;
    private readonly List<byte[]> boundaries = [];
    private int position;
    private Delimiter ended;
    private int parts;
    private int comparisons;
    private int headerText;
    private int linesCounted;
    private int lines;

    internal MessageStructure Parse() => ParseMessage(0);

    private MessageStructure ParseMessage(int depth)
    {
        var root = ParseEntity(inDigest: false, depth, out var fields);
        return new MessageStructure(Envelope(fields), root);
    }

    private PartStructure ParseEntity(bool inDigest, int depth, out Fields fields)
    {
        parts++;
        var headerOffset = position;
        fields = default;
        var hasBody = ReadHeader(ref fields);
        var bodyOffset = position;
        var linesBefore = CountLines(bodyOffset);

        var (type, subtype, parameters) = ContentType(fields, inDigest);
        var encoding = Token(Text(fields, HeaderField.ContentTransferEncoding)) ?? "7bit";
        List<PartStructure>? children = null;
        MessageStructure? embedded = null;
        if (hasBody)
        {
            if (type == "multipart" && depth < MaxDepth && ParameterField.Boundary(parameters) is { } boundary)
                children = ParseMultipart(boundary, subtype == "digest", depth);
            // RFC 2046 §5.2.1: a message may not be transfer-encoded; RFC 6532 §3.5 lets message/global be, and then it is opaque here.
            else if (type == "message" && subtype is "rfc822" or "global" && encoding is "7bit" or "8bit" or "binary" && depth < MaxDepth && parts < MaxParts)
                embedded = ParseMessage(depth + 1);
            else
                ended = FindDelimiter();
        }

        // A blank line right before a delimiter ends a header as well as a body: it is the innermost part's, so its parents hold it too.
        var last = embedded?.Root ?? (children is { Count: > 0 } ? children[^1] : null);
        var bodyEnd = BodyEnd(last is null ? bodyOffset : (int)(last.BodyOffset + last.BodyLength));
        var (disposition, dispositionParameters) = Disposition(fields);
        return new PartStructure
        {
            Type = type,
            Subtype = subtype,
            Parameters = parameters,
            Id = Text(fields, HeaderField.ContentId),
            Description = Text(fields, HeaderField.ContentDescription),
            Encoding = encoding,
            Md5 = Text(fields, HeaderField.ContentMd5),
            Disposition = disposition,
            DispositionParameters = dispositionParameters,
            Languages = Languages(fields),
            Location = Text(fields, HeaderField.ContentLocation),
            HeaderOffset = headerOffset,
            BodyOffset = bodyOffset,
            BodyLength = bodyEnd - bodyOffset,
            Lines = CountLines(bodyEnd) - linesBefore + (bodyEnd > bodyOffset && message[bodyEnd - 1] != '\n' ? 1 : 0),
            Children = children ?? (IReadOnlyList<PartStructure>)[],
            Message = embedded,
        };
    }

    private List<PartStructure> ParseMultipart(byte[] boundary, bool isDigest, int depth)
    {
        var children = new List<PartStructure>();
        var level = boundaries.Count;
        boundaries.Add(boundary);
        ended = FindDelimiter();
        while (ended.Level == level && !ended.IsClosing && parts < MaxParts)
        {
            position = ended.Next;
            children.Add(ParseEntity(isDigest, depth + 1, out _));
        }
        boundaries.RemoveAt(level);
        if (ended.Level == level)
        {
            position = ended.Next;
            ended = FindDelimiter();
        }
        return children;
    }

    /// <summary>Moves past the header and its blank line; false where a delimiter cut it short, so that there is no body.</summary>
    private bool ReadHeader(ref Fields fields)
    {
        while (position < message.Length)
        {
            var line = message[position..];
            if (line[0] == '\n' || (line[0] == '\r' && line.Length > 1 && line[1] == '\n'))
            {
                position += line[0] == '\n' ? 1 : 2;
                return true;
            }
            if (line.StartsWith("--"u8) && Match(position) is { } delimiter)
            {
                ended = delimiter;
                return false;
            }
            var length = FieldLength(line);
            fields.Note(line[..length], position);
            position += length;
        }
        return true;
    }

    // RFC 5322 §2.2.3: a field goes on in lines that begin with white space.
    private static int FieldLength(ReadOnlySpan<byte> rest)
    {
        var length = 0;
        do
        {
            var feed = rest[length..].IndexOf((byte)'\n');
            if (feed < 0) return rest.Length;
            length += feed + 1;
        }
        while (length < rest.Length && rest[length] is (byte)' ' or (byte)'\t');
        return length;
    }

    /// <summary>The next delimiter of any open multipart at or after the position, which is at the start of a line.</summary>
    private Delimiter FindDelimiter()
    {
        var at = boundaries.Count == 0 ? message.Length : position;
        while (at < message.Length)
        {
            if (message[at..].StartsWith("--"u8) && Match(at) is { } delimiter) return delimiter;
            var next = message[at..].IndexOf("\n--"u8);
            if (next < 0) break;
            at += next + 1;
        }
        position = message.Length;
        return new Delimiter(-1, false, message.Length, message.Length);
    }

    // RFC 2046 §5.1.1: "--", the boundary, "--" again where it closes, and white space that gateways add. The whole line must match,
    // lest one boundary that begins with another be taken for it.
    private Delimiter? Match(int start)
    {
        var line = message[start..];
        var feed = line.IndexOf((byte)'\n');
        var next = feed < 0 ? message.Length : start + feed + 1;
        var text = message[(start + 2)..next].TrimEnd(" \t\r\n"u8);
        for (var level = boundaries.Count - 1; level >= 0; level--)
        {
            if (comparisons++ >= MaxComparisons) return null;
            var boundary = boundaries[level];
            if (!text.StartsWith(boundary)) continue;
            if (text.Length == boundary.Length) return new Delimiter(level, false, start, next);
            if (text.Length == boundary.Length + 2 && text.EndsWith("--"u8)) return new Delimiter(level, true, start, next);
        }
        return null;
    }

    /// <summary>Where the delimiter that ended a part begins, the line end before it included, but not before <paramref name="floor"/>.</summary>
    private readonly int BodyEnd(int floor)
    {
        var end = ended.Start;
        if (ended.Level < 0) return end;
        if (end > floor && message[end - 1] == '\n') end--;
        if (end > floor && message[end - 1] == '\r') end--;
        return end;
    }

    /// <summary>Line ends before <paramref name="offset"/>. Offsets come in order but for a line end or two, so the message is counted once.</summary>
    private int CountLines(int offset)
    {
        if (offset >= linesCounted) lines += message[linesCounted..offset].Count((byte)'\n');
        else lines -= message[offset..linesCounted].Count((byte)'\n');
        linesCounted = offset;
        return lines;
    }

    private MessageEnvelope Envelope(in Fields fields) => new(
        Text(fields, HeaderField.Date),
        Text(fields, HeaderField.Subject),
        Addresses(fields, HeaderField.From),
        Addresses(fields, HeaderField.Sender),
        Addresses(fields, HeaderField.ReplyTo),
        Addresses(fields, HeaderField.To),
        Addresses(fields, HeaderField.Cc),
        Addresses(fields, HeaderField.Bcc),
        Text(fields, HeaderField.InReplyTo),
        Text(fields, HeaderField.MessageId))
    {
        References = Text(fields, HeaderField.References) is { } ids ? ids[Math.Max(0, ids.Length - MaxReferences)..] : null,
    };

    private IReadOnlyList<EnvelopeAddress> Addresses(in Fields fields, HeaderField field) =>
        Text(fields, field) is { } text ? EnvelopeAddresses.Parse(text) : [];

    private (string Type, string Subtype, IReadOnlyList<KeyValuePair<string, string>> Parameters) ContentType(in Fields fields, bool inDigest)
    {
        // RFC 2046 §5.1.5: in a digest the default is a message.
        if (Text(fields, HeaderField.ContentType) is not { } text)
            return inDigest ? ("message", "rfc822", []) : ("text", "plain", [new("charset", "us-ascii")]);
        var (value, parameters) = ParameterField.Parse(text);
        var slash = value.IndexOf('/', StringComparison.Ordinal);
        if (slash > 0 && Token(value[..slash]) is { } type && Token(value[(slash + 1)..]) is { } subtype) return (type, subtype, parameters);
        // RFC 2045 §5.2 recommends this for what it calls a syntactically invalid field.
        return ("text", "plain", parameters);
    }

    private (string? Disposition, IReadOnlyList<KeyValuePair<string, string>> Parameters) Disposition(in Fields fields)
    {
        if (Text(fields, HeaderField.ContentDisposition) is not { } text) return (null, []);
        var (value, parameters) = ParameterField.Parse(text);
        // RFC 2183 §2.8: an unknown disposition is an attachment; so is one that cannot be read.
        return (Token(value) ?? "attachment", parameters);
    }

    private List<string> Languages(in Fields fields)
    {
        if (Text(fields, HeaderField.ContentLanguage) is not { } text) return [];
        var tags = new List<string>();
        foreach (var range in text.AsSpan().Split(','))
        {
            if (tags.Count == 32) break;
            if (Token(text[range]) is { } tag) tags.Add(tag);
        }
        return tags;
    }

    // RFC 2045 §5.1: the first word, comment aside; null where it is no token.
    private static string? Token(string? text)
    {
        if (text is null) return null;
        var word = text.AsSpan().Trim();
        if (word.IndexOfAny(" \t(;") is >= 0 and var end) word = word[..end];
        if (word.IsEmpty || word.Length > 100) return null;
        foreach (var c in word)
        {
            if (c is <= ' ' or >= '\x7f' || "()<>@,;:\\\"/[]?=".Contains(c, StringComparison.Ordinal)) return null;
        }
        return word.ToString().ToLowerInvariant();
    }

    private string? Text(in Fields fields, HeaderField field)
    {
        if (!fields.TryGet(field, out var start, out var length)) return null;
        headerText += length;
        return headerText > MaxHeaderText ? null : FieldText.Unfold(message.Slice(start, length));
    }

    /// <summary>A line that ends a part.</summary>
    /// <param name="Level">Whose boundary, counted from the outermost; -1 for the end of the message.</param>
    /// <param name="IsClosing">The multipart's last.</param>
    /// <param name="Start">Of the line.</param>
    /// <param name="Next">Of the line after it.</param>
    private readonly record struct Delimiter(int Level, bool IsClosing, int Start, int Next);

    /// <summary>Where the first field of each name has its value.</summary>
    private struct Fields
    {
        private Ranges starts;
        private Ranges lengths;

        internal void Note(ReadOnlySpan<byte> field, int offset)
        {
            var colon = field.IndexOf((byte)':');
            if (colon <= 0) return;
            // The space before the colon that RFC 5322 §4.5 calls obsolete.
            var known = (int)HeaderFieldNames.Find(field[..colon].TrimEnd(" \t"u8));
            if (known == (int)HeaderField.Other || starts[known] != 0) return;
            starts[known] = offset + colon + 1;
            lengths[known] = field.Length - colon - 1;
        }

        internal readonly bool TryGet(HeaderField field, out int start, out int length)
        {
            start = starts[(int)field];
            length = lengths[(int)field];
            return start > 0;
        }
    }

    [InlineArray((int)HeaderField.Other)]
    private struct Ranges
    {
        private int first;
    }
}
