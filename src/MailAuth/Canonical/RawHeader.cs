using System.Text;

namespace Sternpost.MailAuth.Canonical;

/// <summary>Where one header field lies: its name without the white space before the colon, and all of it with its line end.</summary>
internal readonly record struct RawField(int Start, int NameLength, int ValueStart, int End, uint NameHash);

/// <summary>
/// The header of a message as received, as offsets: the one reading that DKIM, ARC and DMARC share, so that no trick of line
/// ends makes one of them see another message than the next. A bare LF ends a line, as it does for every mail reader.
/// </summary>
internal sealed class RawHeader
{
    private readonly ReadOnlyMemory<byte> message;
    private readonly List<RawField> fields = new(32);

    private RawHeader(ReadOnlyMemory<byte> message) => this.message = message;

    /// <summary>The fields from the top. A line that is no field has a name of length 0.</summary>
    public List<RawField> Fields => fields;

    /// <summary>Where the body begins; the message's length where there is none.</summary>
    public int BodyStart { get; private set; }

    /// <summary>True where a budget ended the reading, so that nothing may be concluded from what is absent.</summary>
    public bool Truncated { get; private set; }

    /// <summary>The message the offsets point into.</summary>
    public ReadOnlySpan<byte> Message => message.Span;

    /// <summary>The body.</summary>
    public ReadOnlySpan<byte> Body => message.Span[BodyStart..];

    public static RawHeader Parse(ReadOnlyMemory<byte> message)
    {
        var header = new RawHeader(message);
        header.Read(message.Span);
        return header;
    }

    public ReadOnlySpan<byte> Name(in RawField field) => message.Span.Slice(field.Start, field.NameLength);

    /// <summary>All after the colon, with folds and the line end.</summary>
    public ReadOnlySpan<byte> Value(in RawField field) => message.Span[field.ValueStart..field.End];

    /// <summary>The whole field with its line end.</summary>
    public ReadOnlySpan<byte> Whole(in RawField field) => message.Span[field.Start..field.End];

    public bool Is(in RawField field, ReadOnlySpan<byte> name) =>
        field.NameLength == name.Length && Ascii.EqualsIgnoreCase(Name(field), name);

    public int Count(ReadOnlySpan<byte> name)
    {
        var count = 0;
        foreach (var field in fields)
        {
            if (Is(field, name)) count++;
        }
        return count;
    }

    /// <summary>A hash of a name that does not mind case, so that most names are told apart without reading them.</summary>
    public static uint HashName(ReadOnlySpan<byte> name)
    {
        var hash = 2166136261u;
        // Setting bit 5 folds letters; that it also joins a few symbols only costs a comparison.
        foreach (var octet in name) hash = (hash ^ (octet | 0x20u)) * 16777619u;
        return hash;
    }

    private void Read(ReadOnlySpan<byte> span)
    {
        var position = 0;
        while (position < span.Length)
        {
            var feed = span[position..].IndexOf((byte)'\n');
            var next = feed < 0 ? span.Length : position + feed + 1;
            if (span[position] == '\n' || (span[position] == '\r' && feed == 1))
            {
                BodyStart = next;
                return;
            }
            if (span[position] is (byte)' ' or (byte)'\t' && fields.Count > 0) fields[^1] = fields[^1] with { End = next };
            else if (fields.Count == AuthenticationBudget.HeaderFields || next > AuthenticationBudget.HeaderOctets)
            {
                Truncated = true;
                break;
            }
            else fields.Add(Field(span, position, next));
            position = next;
        }
        if (fields.Count > 0 && fields[^1].End > AuthenticationBudget.HeaderOctets) Truncated = true;
        BodyStart = span.Length;
    }

    private static RawField Field(ReadOnlySpan<byte> span, int start, int end)
    {
        var colon = span[start..end].IndexOf((byte)':');
        if (colon <= 0) return new RawField(start, 0, start, end, 0);
        // RFC 5322 §4.5: obsolete syntax has white space before the colon.
        var name = span.Slice(start, colon).TrimEnd(" \t"u8);
        return new RawField(start, name.Length, start + colon + 1, end, HashName(name));
    }
}
