using System.Text;

namespace Sternpost.Filter.Views;

/// <summary>Where one header field lies in the message.</summary>
internal readonly record struct FieldSpan(int NameStart, int NameLength, int ValueStart, int ValueLength);

/// <summary>
/// The header of a message or a part as offsets into its bytes: no copies, tolerant of LF, CRLF and rubbish lines, and bounded
/// so that a header of a hundred thousand fields costs no more than one of two thousand.
/// </summary>
internal sealed class HeaderFields
{
    // Honest mail through many relays stays below 200; what lies beyond the budget is still skipped to find the body.
    internal const int MaxFields = 2000;

    private readonly ReadOnlyMemory<byte> bytes;
    private readonly List<FieldSpan> fields = new(32);

    private HeaderFields(ReadOnlyMemory<byte> bytes) => this.bytes = bytes;

    internal IReadOnlyList<FieldSpan> Fields => fields;

    /// <summary>Where the body begins, or the end where there is no blank line.</summary>
    internal int BodyStart { get; private set; }

    /// <summary>Lines that are neither a field nor a continuation.</summary>
    internal int MalformedLines { get; private set; }

    /// <summary>True where <see cref="MaxFields"/> was passed.</summary>
    internal bool Truncated { get; private set; }

    internal static HeaderFields Parse(ReadOnlyMemory<byte> bytes, int start, int end)
    {
        var header = new HeaderFields(bytes[..end]);
        header.Read(bytes.Span[..end], start);
        return header;
    }

    internal ReadOnlySpan<byte> Name(FieldSpan field) => bytes.Span.Slice(field.NameStart, field.NameLength);

    internal ReadOnlySpan<byte> Value(FieldSpan field) => bytes.Span.Slice(field.ValueStart, field.ValueLength);

    /// <summary>The first field of that name (without case), trimmed but not unfolded; false where there is none.</summary>
    internal bool TryGet(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        foreach (var field in fields)
        {
            if (field.NameLength != name.Length || !Ascii.EqualsIgnoreCase(Name(field), name)) continue;
            value = Value(field);
            return true;
        }
        value = default;
        return false;
    }

    internal bool Has(ReadOnlySpan<byte> name) => TryGet(name, out _);

    internal int Count(ReadOnlySpan<byte> name)
    {
        var count = 0;
        foreach (var field in fields)
        {
            if (field.NameLength == name.Length && Ascii.EqualsIgnoreCase(Name(field), name)) count++;
        }
        return count;
    }

    /// <summary>The first field of that name, unfolded, encoded words decoded; empty where there is none.</summary>
    internal string Text(ReadOnlySpan<byte> name) => TryGet(name, out var value) ? HeaderText.Decode(value) : "";

    private void Read(ReadOnlySpan<byte> span, int position)
    {
        while (position < span.Length)
        {
            var line = span[position..];
            var feed = line.IndexOf((byte)'\n');
            var next = feed < 0 ? span.Length : position + feed + 1;
            var text = TrimLineEnd(span[position..next]);
            if (text.IsEmpty)
            {
                BodyStart = next;
                return;
            }
            if (fields.Count == MaxFields)
            {
                Truncated = true;
                BodyStart = AfterBlankLine(span, position);
                return;
            }
            AddLine(position, text);
            position = next;
        }
        BodyStart = span.Length;
    }

    private void AddLine(int position, ReadOnlySpan<byte> text)
    {
        if (text[0] is (byte)' ' or (byte)'\t')
        {
            if (fields.Count == 0) MalformedLines++;
            else
            {
                // RFC 5322 §2.2.3: a line that begins with white space continues the field before it.
                var last = fields[^1];
                fields[^1] = last with { ValueLength = position + text.Length - last.ValueStart };
            }
            return;
        }
        var colon = text.IndexOf((byte)':');
        if (colon <= 0 || text[..colon].IndexOfAnyExceptInRange((byte)33, (byte)126) >= 0)
        {
            // A "From " line of an mbox is no fault of the sender.
            if (position != 0 || !text.StartsWith("From "u8)) MalformedLines++;
            if (colon <= 0 || !IsNameWithTrailingSpace(text[..colon])) return;
        }
        var valueStart = colon + 1;
        while (valueStart < text.Length && text[valueStart] is (byte)' ' or (byte)'\t') valueStart++;
        var name = text[..colon].TrimEnd(" \t"u8).Length;
        fields.Add(new FieldSpan(position, name, position + valueStart, Math.Max(0, text.Length - valueStart)));
    }

    private static bool IsNameWithTrailingSpace(ReadOnlySpan<byte> name)
    {
        var trimmed = name.TrimEnd(" \t"u8);
        return !trimmed.IsEmpty && trimmed.IndexOfAnyExceptInRange((byte)33, (byte)126) < 0;
    }

    private static ReadOnlySpan<byte> TrimLineEnd(ReadOnlySpan<byte> line) => line.TrimEnd("\r\n"u8);

    private static int AfterBlankLine(ReadOnlySpan<byte> span, int from)
    {
        var rest = span[from..];
        var crlf = rest.IndexOf("\n\r\n"u8);
        var lf = rest.IndexOf("\n\n"u8);
        if (crlf >= 0 && (lf < 0 || crlf < lf)) return from + crlf + 3;
        return lf >= 0 ? from + lf + 2 : span.Length;
    }
}
