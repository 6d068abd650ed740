using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Sternpost.Dns.Updates;

/// <summary>A record as read, and where its octets lie in the message.</summary>
internal sealed record ReadRecord(DomainName Name, int Type, int Class, uint Ttl, ReadOnlyMemory<byte> Data, int Start);

/// <summary>A DNS message as read.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Flags">The second word of the header.</param>
/// <param name="Answers">The answer section; with an update's reply, its prerequisites.</param>
/// <param name="Additional">The last section.</param>
internal sealed record DnsMessage(int Id, int Flags, IReadOnlyList<ReadRecord> Answers, IReadOnlyList<ReadRecord> Additional)
{
    internal int ResponseCode => Flags & 0xF;

    internal bool IsResponse => (Flags & 0x8000) != 0;

    internal bool IsAuthoritative => (Flags & 0x0400) != 0;

    internal int Operation => (Flags >> 11) & 0xF;
}

/// <summary>
/// Reads DNS messages from a server that need not be honest: lengths are checked, names have at most 255 octets, pointers lead only backwards and a
/// message holds no more records than <see cref="MaxRecords"/>. What breaks the form is no message.
/// </summary>
internal static class DnsReader
{
    internal const int MaxRecords = 2000;
    private const int HeaderLength = 12, MaxName = 255;

    internal static bool TryRead(ReadOnlyMemory<byte> message, [NotNullWhen(true)] out DnsMessage? read)
    {
        read = null;
        var octets = message.Span;
        if (octets.Length < HeaderLength) return false;
        var counts = new int[4];
        for (var section = 0; section < 4; section++) counts[section] = BinaryPrimitives.ReadUInt16BigEndian(octets[(4 + (2 * section))..]);
        if (counts[0] > 1 || counts[1] + counts[2] + counts[3] > MaxRecords) return false;
        var at = HeaderLength;
        for (var question = 0; question < counts[0]; question++)
        {
            if (!TryName(octets, ref at, out _) || at + 4 > octets.Length) return false;
            at += 4;
        }
        var sections = new List<ReadRecord>[3];
        for (var section = 0; section < 3; section++)
        {
            sections[section] = [];
            for (var record = 0; record < counts[section + 1]; record++)
            {
                if (!TryRecord(message, ref at, out var found)) return false;
                sections[section].Add(found);
            }
        }
        // RFC 8945 §5.2: the signature covers the whole message, so nothing may hang on behind it.
        if (at != octets.Length) return false;
        read = new DnsMessage(BinaryPrimitives.ReadUInt16BigEndian(octets), BinaryPrimitives.ReadUInt16BigEndian(octets[2..]), sections[0], sections[2]);
        return true;
    }

    /// <summary>Reads a name at <paramref name="at"/> and moves behind it. The root and names that cannot be asked for are none.</summary>
    internal static bool TryName(ReadOnlySpan<byte> message, ref int at, out DomainName? name)
    {
        name = null;
        var text = new StringBuilder(64);
        var (position, end, lowest) = (at, -1, at);
        while (true)
        {
            if (position >= message.Length) return false;
            var length = message[position];
            if (length == 0)
            {
                at = end < 0 ? position + 1 : end;
                // What holds octets that no host name has is kept as absent: no record of ours is there.
                if (text.Length > 0 && DomainName.TryParseForQuery(text.ToString(), out var parsed)) name = parsed;
                return true;
            }
            if ((length & 0xC0) == 0xC0)
            {
                if (position + 1 >= message.Length) return false;
                var target = ((length & 0x3F) << 8) | message[position + 1];
                if (end < 0) end = position + 2;
                // RFC 1035 §4.1.4: a prior occurrence. Each further back than the last, so that no loop can be.
                if (target >= lowest) return false;
                position = lowest = target;
                continue;
            }
            if (length > 63 || position + 1 + length > message.Length || text.Length + length + 1 > MaxName) return false;
            if (text.Length > 0) text.Append('.');
            foreach (var octet in message.Slice(position + 1, length)) text.Append(octet is (byte)'.' or <= (byte)' ' or > (byte)'~' ? '\x7f' : (char)octet);
            position += length + 1;
        }
    }

    private static bool TryRecord(ReadOnlyMemory<byte> message, ref int at, [NotNullWhen(true)] out ReadRecord? record)
    {
        record = null;
        var octets = message.Span;
        var start = at;
        if (!TryName(octets, ref at, out var name) || at + 10 > octets.Length) return false;
        var type = BinaryPrimitives.ReadUInt16BigEndian(octets[at..]);
        var recordClass = BinaryPrimitives.ReadUInt16BigEndian(octets[(at + 2)..]);
        var ttl = BinaryPrimitives.ReadUInt32BigEndian(octets[(at + 4)..]);
        var length = BinaryPrimitives.ReadUInt16BigEndian(octets[(at + 8)..]);
        at += 10;
        if (at + length > octets.Length || !TryData(message, at, length, type, out var data)) return false;
        at += length;
        record = new ReadRecord(name ?? Root, type, recordClass, ttl, data, start);
        return true;
    }

    // RFC 3597 §4: names in the data of the old types may be compressed; written out, equal data has equal octets. Zones mind no case (RFC 4034 §6.2).
    private static bool TryData(ReadOnlyMemory<byte> message, int at, int length, int type, out ReadOnlyMemory<byte> data)
    {
        data = message.Slice(at, length);
        var names = type switch { 2 or 5 or 12 => 0, 15 => 2, 33 => 6, _ => -1 };
        if (names < 0) return true;
        if (length < names + 1) return false;
        var written = new ArrayBufferWriter<byte>(length + 32);
        written.Write(message.Span.Slice(at, names));
        var position = at + names;
        if (!TryName(message.Span, ref position, out var name) || position != at + length) return false;
        if (name is null) written.Write([(byte)0]);
        else DnsWriter.Name(written, name);
        data = written.WrittenMemory;
        return true;
    }

    // Stands for the root and for owners that are no names of ours.
    private static DomainName Root { get; } = DomainName.Parse("invalid");
}
