using System.Text;
using Sternpost.Imap.Grammar;
using Sternpost.Mailboxes;
using Sternpost.Messages.Structure;

namespace Sternpost.Imap.Content;

/// <summary>
/// A section of a message as a slice of its octets (RFC 9051 §6.4.5.1): the offsets of the stored structure, moved by the
/// length of the header lines the server put before the message. Nothing is copied, except for HEADER.FIELDS.
/// </summary>
internal static class SectionSlices
{
    /// <summary>The octets, or null where the message has no such part: the client is told NIL.</summary>
    internal static ReadOnlyMemory<byte>? Slice(ReadOnlyMemory<byte> content, StoredEmail email, Section section)
    {
        var root = email.Structure.Root;
        var added = email.PrefixLength;
        if (section.Part.Count == 0)
        {
            var header = content[..Bounded(content, root.BodyOffset + added)];
            return section.Text switch
            {
                SectionText.All => content,
                SectionText.Text => content[header.Length..],
                SectionText.Header => header,
                SectionText.HeaderFields or SectionText.HeaderFieldsNot => Fields(header, section),
                _ => null,
            };
        }
        if (Find(root, section.Part) is not { } part) return null;
        switch (section.Text)
        {
            case SectionText.All:
                return Body(content, part, added);
            case SectionText.Mime:
                return Between(content, part.HeaderOffset + added, part.BodyOffset + added);
        }
        // §6.4.5.1: HEADER and TEXT of a part mean the message within it.
        if (part.Message?.Root is not { } inner) return null;
        return section.Text switch
        {
            SectionText.Text => Body(content, inner, added),
            SectionText.Header => Between(content, inner.HeaderOffset + added, inner.BodyOffset + added),
            _ => Fields(Between(content, inner.HeaderOffset + added, inner.BodyOffset + added), section),
        };
    }

    /// <summary>The part of that number, or null. Numbers count children of multiparts; a message without any has the one part 1 (§6.4.5.1).</summary>
    internal static PartStructure? Find(PartStructure root, IReadOnlyList<int> numbers)
    {
        // The part last found. Before the first number it is the message itself, which acts as message/rfc822 would.
        PartStructure? found = null;
        foreach (var number in numbers)
        {
            var within = found is null ? root : found.Message?.Root ?? found;
            if (within.Type == "multipart" && number <= within.Children.Count) found = within.Children[number - 1];
            else if (within.Type != "multipart" && within != found && number == 1) found = within;
            else return null;
        }
        return found;
    }

    /// <summary>A part's body, still in its transfer encoding.</summary>
    internal static ReadOnlyMemory<byte> Body(ReadOnlyMemory<byte> content, PartStructure part, long added) =>
        Between(content, part.BodyOffset + added, part.BodyOffset + part.BodyLength + added);

    /// <summary>The message's header, with what the server added.</summary>
    internal static ReadOnlyMemory<byte> Header(ReadOnlyMemory<byte> content, StoredEmail email) =>
        content[..Bounded(content, email.Structure.Root.BodyOffset + email.PrefixLength)];

    private static ReadOnlyMemory<byte> Between(ReadOnlyMemory<byte> content, long from, long to)
    {
        var start = Bounded(content, from);
        return content[start..Math.Max(start, Bounded(content, to))];
    }

    private static int Bounded(ReadOnlyMemory<byte> content, long at) => (int)Math.Clamp(at, 0, content.Length);

    // §6.4.5.1: the fields named, or all but those, each with its folded lines, then the empty line.
    private static ReadOnlyMemory<byte> Fields(ReadOnlyMemory<byte> header, Section section)
    {
        var wanted = section.Text == SectionText.HeaderFields;
        var octets = header.Span;
        var kept = new byte[octets.Length + 2];
        var length = 0;
        while (octets.Length > 0 && NextField(octets, out var field, out var name))
        {
            if (IsNamed(name, section.Fields) == wanted)
            {
                field.CopyTo(kept.AsSpan(length));
                length += field.Length;
            }
            octets = octets[field.Length..];
        }
        kept[length++] = (byte)'\r';
        kept[length++] = (byte)'\n';
        return kept.AsMemory(0, length);
    }

    /// <summary>The first field of a header with its line ends and folded lines; false at the empty line.</summary>
    internal static bool NextField(ReadOnlySpan<byte> header, out ReadOnlySpan<byte> field, out ReadOnlySpan<byte> name)
    {
        field = name = default;
        if (header.Length == 0 || header[0] == '\n' || header[0] == '\r' && (header.Length == 1 || header[1] == '\n')) return false;
        var end = 0;
        do
        {
            var line = header[end..].IndexOf((byte)'\n');
            end = line < 0 ? header.Length : end + line + 1;
        }
        while (end < header.Length && header[end] is (byte)' ' or (byte)'\t');
        field = header[..end];
        var colon = field.IndexOf((byte)':');
        name = colon < 0 ? [] : field[..colon].TrimEnd(" \t"u8);
        return true;
    }

    private static bool IsNamed(ReadOnlySpan<byte> name, IReadOnlyList<string> names)
    {
        foreach (var candidate in names)
        {
            if (Ascii.EqualsIgnoreCase(name, candidate)) return true;
        }
        return false;
    }
}
