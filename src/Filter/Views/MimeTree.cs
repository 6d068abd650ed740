using System.Text;

namespace Sternpost.Filter.Views;

/// <summary>
/// The leaves of a message's MIME tree, found by one walk with budgets of depth and count. Our own walk and not MimeKit's,
/// because judging needs only offsets: it allocates a few objects per part and cannot be made slow by nesting.
/// </summary>
internal sealed class MimeTree
{
    internal const int MaxDepth = 16;
    internal const int MaxParts = 256;

    private readonly ReadOnlyMemory<byte> raw;
    private readonly List<MimePart> parts = [];

    private MimeTree(ReadOnlyMemory<byte> raw) => this.raw = raw;

    internal IReadOnlyList<MimePart> Parts => parts;

    /// <summary>A multipart without its closing or any delimiter, or a boundary no one may use.</summary>
    internal bool Broken { get; private set; }

    /// <summary>Nested or split beyond the budget; the rest was not looked at.</summary>
    internal bool BeyondBudget { get; private set; }

    /// <summary>The types of the multiparts met, outermost first, joined: a shape such as "mixed(alternative(".</summary>
    internal string Shape { get; private set; } = "";

    internal static MimeTree Parse(ReadOnlyMemory<byte> raw, HeaderFields header)
    {
        var tree = new MimeTree(raw);
        tree.Walk(header, 0, raw.Length, 0, embedded: false);
        return tree;
    }

    private void Walk(HeaderFields header, int start, int end, int depth, bool embedded)
    {
        if (depth > MaxDepth || parts.Count >= MaxParts)
        {
            BeyondBudget = true;
            return;
        }
        header.TryGet("Content-Type"u8, out var typeValue);
        var type = FieldParameters.Token(typeValue);
        if (type.StartsWith("multipart/", StringComparison.Ordinal) && FieldParameters.Find(typeValue, "boundary") is { Length: > 0 and <= 200 } boundary)
        {
            if (Shape.Length < 100) Shape += type[10..] + "(";
            Split(Encoding.Latin1.GetBytes(boundary), header.BodyStart, end, depth, embedded);
            return;
        }
        var encoding = EncodingOf(header);
        if (type is "message/rfc822" or "message/global" && encoding == TransferEncoding.Identity)
        {
            Walk(HeaderFields.Parse(raw, header.BodyStart, end), header.BodyStart, end, depth + 1, embedded: true);
            return;
        }
        if (type.StartsWith("multipart/", StringComparison.Ordinal)) Broken = true;
        AddLeaf(header, type, typeValue, encoding, start, end, embedded);
    }

    private void AddLeaf(HeaderFields header, string type, ReadOnlySpan<byte> typeValue, TransferEncoding encoding, int start, int end, bool embedded)
    {
        header.TryGet("Content-Disposition"u8, out var disposition);
        parts.Add(new MimePart
        {
            ContentType = type.Contains('/', StringComparison.Ordinal) ? type : "text/plain",
            Charset = FieldParameters.Find(typeValue, "charset"),
            Encoding = encoding,
            FileName = FieldParameters.Find(disposition, "filename") ?? FieldParameters.Find(typeValue, "name"),
            IsAttachment = FieldParameters.Token(disposition) == "attachment",
            IsEmbedded = embedded,
            Body = raw[header.BodyStart..end],
            Start = start,
            End = end,
        });
    }

    private static TransferEncoding EncodingOf(HeaderFields header)
    {
        if (!header.TryGet("Content-Transfer-Encoding"u8, out var value)) return TransferEncoding.Identity;
        value = value.Trim(" \t\r\n\""u8);
        if (Ascii.EqualsIgnoreCase(value, "base64"u8)) return TransferEncoding.Base64;
        return Ascii.EqualsIgnoreCase(value, "quoted-printable"u8) ? TransferEncoding.QuotedPrintable : TransferEncoding.Identity;
    }

    // RFC 2046 §5.1.1: a delimiter is "--" and the boundary at the start of a line; "--" after it closes.
    private void Split(byte[] boundary, int start, int end, int depth, bool embedded)
    {
        byte[] delimiter = [(byte)'-', (byte)'-', .. boundary];
        var position = FindDelimiter(delimiter, start, end, out var closing);
        if (position < 0)
        {
            Broken = true;
            AddWhole(start, end, embedded);
            return;
        }
        while (!closing && !BeyondBudget)
        {
            var partStart = LineAfter(position, end);
            var next = FindDelimiter(delimiter, partStart, end, out closing);
            var partEnd = next < 0 ? end : TrimLineEnd(next, partStart);
            if (next < 0) Broken = true;
            Walk(HeaderFields.Parse(raw[..partEnd], partStart, partEnd), partStart, partEnd, depth + 1, embedded);
            if (next < 0) return;
            position = next;
        }
    }

    private void AddWhole(int start, int end, bool embedded) =>
        parts.Add(new MimePart { ContentType = "text/plain", IsEmbedded = embedded, Body = raw[start..end], Start = start, End = end });

    private int FindDelimiter(byte[] delimiter, int start, int end, out bool closing)
    {
        var span = raw.Span[..end];
        closing = false;
        for (var from = start; from < end;)
        {
            var at = span[from..].IndexOf(delimiter);
            if (at < 0) return -1;
            var position = from + at;
            var after = span[(position + delimiter.Length)..];
            var ended = after.StartsWith("--"u8);
            if ((position == start || span[position - 1] == '\n') && (ended || after.IsEmpty || after[0] is (byte)'\r' or (byte)'\n' or (byte)' ' or (byte)'\t'))
            {
                closing = ended;
                return position;
            }
            from = position + delimiter.Length;
        }
        return -1;
    }

    private int LineAfter(int position, int end)
    {
        var feed = raw.Span[position..end].IndexOf((byte)'\n');
        return feed < 0 ? end : position + feed + 1;
    }

    private int TrimLineEnd(int position, int floor)
    {
        var span = raw.Span;
        if (position > floor && span[position - 1] == '\n') position--;
        if (position > floor && span[position - 1] == '\r') position--;
        return position;
    }
}
