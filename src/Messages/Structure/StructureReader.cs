using System.Text;

namespace Sternpost.Messages.Structure;

/// <summary>Reads what <see cref="StructureWriter"/> wrote. Octets that are anything else end in <see cref="failed"/>, not in an exception: a damaged row costs a new parse and no more.</summary>
internal ref struct StructureReader
{
    // A message in a message counts two: its own and its root's.
    private const int MaxDepth = 2 * (StructureParser.MaxDepth + 2);

    private ReadOnlySpan<byte> rest;
    private bool failed;

    internal static MessageStructure? TryRead(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty || bytes[0] != StructureWriter.Version) return null;
        var reader = new StructureReader { rest = bytes[1..] };
        var structure = reader.Message(0);
        return reader.failed || !reader.rest.IsEmpty ? null : structure;
    }

    private MessageStructure Message(int depth) => new(
        new MessageEnvelope(TextOrNull(), TextOrNull(), Addresses(), Addresses(), Addresses(), Addresses(), Addresses(), Addresses(), TextOrNull(), TextOrNull()) { References = TextOrNull() },
        Part(depth + 1));

    private EnvelopeAddress[] Addresses()
    {
        var count = Count();
        if (count == 0) return [];
        var addresses = new EnvelopeAddress[count];
        for (var i = 0; i < count && !failed; i++) addresses[i] = new EnvelopeAddress(TextOrNull(), TextOrNull(), TextOrNull());
        return addresses;
    }

    private PartStructure Part(int depth)
    {
        if (depth > MaxDepth) failed = true;
        var fields = failed ? StructureFields.None : (StructureFields)Octet();
        var type = Text();
        var subtype = Text();
        var parameters = Parameters();
        var encoding = Text();
        var headerOffset = Offset();
        var bodyOffset = headerOffset + Offset();
        var bodyLength = Offset();
        var lines = (int)Offset();
        var id = fields.HasFlag(StructureFields.Id) ? Text() : null;
        var description = fields.HasFlag(StructureFields.Description) ? Text() : null;
        var md5 = fields.HasFlag(StructureFields.Md5) ? Text() : null;
        var disposition = fields.HasFlag(StructureFields.Disposition) ? Text() : null;
        return new PartStructure
        {
            Type = type,
            Subtype = subtype,
            Parameters = parameters,
            Encoding = encoding,
            HeaderOffset = headerOffset,
            BodyOffset = bodyOffset,
            BodyLength = bodyLength,
            Lines = lines,
            Id = id,
            Description = description,
            Md5 = md5,
            Disposition = disposition,
            DispositionParameters = disposition is null ? [] : Parameters(),
            Languages = fields.HasFlag(StructureFields.Languages) ? Languages() : [],
            Location = fields.HasFlag(StructureFields.Location) ? Text() : null,
            Children = fields.HasFlag(StructureFields.Children) ? Children(depth) : [],
            Message = fields.HasFlag(StructureFields.Message) ? Message(depth + 1) : null,
        };
    }

    private PartStructure[] Children(int depth)
    {
        var children = new PartStructure[Count()];
        for (var i = 0; i < children.Length && !failed; i++) children[i] = Part(depth + 1);
        return children;
    }

    private string[] Languages()
    {
        var languages = new string[Count()];
        for (var i = 0; i < languages.Length; i++) languages[i] = Text();
        return languages;
    }

    private KeyValuePair<string, string>[] Parameters()
    {
        var count = Count();
        if (count == 0) return [];
        var parameters = new KeyValuePair<string, string>[count];
        for (var i = 0; i < count; i++) parameters[i] = new(Text(), Text());
        return parameters;
    }

    // Every item takes an octet at least, so a count beyond the rest is false and nothing is allocated for it.
    private int Count()
    {
        var count = Number();
        if (count <= (ulong)rest.Length) return (int)count;
        failed = true;
        return 0;
    }

    // Messages are far smaller than this; sums of two stay in range.
    private long Offset()
    {
        var value = Number();
        if (value <= int.MaxValue) return (long)value;
        failed = true;
        return 0;
    }

    private string? TextOrNull()
    {
        var octets = Number();
        return octets == 0 ? null : Text(octets - 1);
    }

    private string Text() => Text(Number());

    private string Text(ulong octets)
    {
        if (failed || octets > (ulong)rest.Length)
        {
            failed = true;
            return "";
        }
        var text = Encoding.UTF8.GetString(rest[..(int)octets]);
        rest = rest[(int)octets..];
        return text;
    }

    private ulong Number()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64 && !failed; shift += 7)
        {
            var octet = Octet();
            value |= (ulong)(octet & 0x7f) << shift;
            if (octet < 0x80) return value;
        }
        failed = true;
        return 0;
    }

    private byte Octet()
    {
        if (rest.IsEmpty)
        {
            failed = true;
            return 0x80;
        }
        var octet = rest[0];
        rest = rest[1..];
        return octet;
    }
}
