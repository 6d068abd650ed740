using System.Text;

namespace Sternpost.Messages.Structure;

/// <summary>
/// The stored form of a structure: a version octet, then numbers as little-endian base 128 and texts as UTF-8 with their length
/// before them. A part's rarer fields are named by the bits of one octet.
/// </summary>
internal struct StructureWriter
{
    internal const byte Version = 2;

    private byte[] buffer;
    private int length;

    internal static byte[] Write(MessageStructure structure)
    {
        var writer = new StructureWriter { buffer = new byte[512] };
        writer.Octet(Version);
        writer.Message(structure);
        return writer.buffer.AsSpan(0, writer.length).ToArray();
    }

    private void Message(MessageStructure message)
    {
        var envelope = message.Envelope;
        TextOrNull(envelope.Date);
        TextOrNull(envelope.Subject);
        Addresses(envelope.From);
        Addresses(envelope.Sender);
        Addresses(envelope.ReplyTo);
        Addresses(envelope.To);
        Addresses(envelope.Cc);
        Addresses(envelope.Bcc);
        TextOrNull(envelope.InReplyTo);
        TextOrNull(envelope.MessageId);
        TextOrNull(envelope.References);
        Part(message.Root);
    }

    private void Addresses(IReadOnlyList<EnvelopeAddress> addresses)
    {
        Number((ulong)addresses.Count);
        foreach (var address in addresses)
        {
            TextOrNull(address.Name);
            TextOrNull(address.Mailbox);
            TextOrNull(address.Host);
        }
    }

    private void Part(PartStructure part)
    {
        var fields = StructureFields.None;
        if (part.Id is not null) fields |= StructureFields.Id;
        if (part.Description is not null) fields |= StructureFields.Description;
        if (part.Md5 is not null) fields |= StructureFields.Md5;
        if (part.Disposition is not null) fields |= StructureFields.Disposition;
        if (part.Languages.Count > 0) fields |= StructureFields.Languages;
        if (part.Location is not null) fields |= StructureFields.Location;
        if (part.Children.Count > 0) fields |= StructureFields.Children;
        if (part.Message is not null) fields |= StructureFields.Message;
        Octet((byte)fields);
        Text(part.Type);
        Text(part.Subtype);
        Parameters(part.Parameters);
        Text(part.Encoding);
        Number((ulong)part.HeaderOffset);
        Number((ulong)(part.BodyOffset - part.HeaderOffset));
        Number((ulong)part.BodyLength);
        Number((ulong)part.Lines);
        if (part.Id is not null) Text(part.Id);
        if (part.Description is not null) Text(part.Description);
        if (part.Md5 is not null) Text(part.Md5);
        if (part.Disposition is not null)
        {
            Text(part.Disposition);
            Parameters(part.DispositionParameters);
        }
        if (part.Languages.Count > 0)
        {
            Number((ulong)part.Languages.Count);
            foreach (var language in part.Languages) Text(language);
        }
        if (part.Location is not null) Text(part.Location);
        if (part.Children.Count > 0)
        {
            Number((ulong)part.Children.Count);
            foreach (var child in part.Children) Part(child);
        }
        if (part.Message is not null) Message(part.Message);
    }

    private void Parameters(IReadOnlyList<KeyValuePair<string, string>> parameters)
    {
        Number((ulong)parameters.Count);
        foreach (var (name, value) in parameters)
        {
            Text(name);
            Text(value);
        }
    }

    private void TextOrNull(string? text)
    {
        if (text is null)
        {
            Number(0);
            return;
        }
        var octets = Encoding.UTF8.GetByteCount(text);
        Number((ulong)octets + 1);
        length += Encoding.UTF8.GetBytes(text, Room(octets));
    }

    private void Text(string text)
    {
        var octets = Encoding.UTF8.GetByteCount(text);
        Number((ulong)octets);
        length += Encoding.UTF8.GetBytes(text, Room(octets));
    }

    private void Number(ulong value)
    {
        var room = Room(10);
        var used = 0;
        while (value >= 0x80)
        {
            room[used++] = (byte)(value | 0x80);
            value >>= 7;
        }
        room[used++] = (byte)value;
        length += used;
    }

    private void Octet(byte value)
    {
        Room(1)[0] = value;
        length++;
    }

    private Span<byte> Room(int octets)
    {
        if (buffer.Length - length < octets) Array.Resize(ref buffer, Math.Max(buffer.Length * 2, length + octets));
        return buffer.AsSpan(length);
    }
}

/// <summary>Which of a part's rarer fields follow.</summary>
[Flags]
internal enum StructureFields : byte
{
    None = 0,
    Id = 1,
    Description = 2,
    Md5 = 4,
    Disposition = 8,
    Languages = 16,
    Location = 32,
    Children = 64,
    Message = 128,
}
