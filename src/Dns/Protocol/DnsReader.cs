using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Sternpost.Dns.Protocol;

/// <summary>
/// Reads DNS messages from a server that need not be honest: lengths are checked, names have at most 255 octets, pointers are few and lead only
/// backwards. So its cost grows with the message alone, and a message has 64 KB at most. What breaks the form is no message.
/// </summary>
internal static class DnsReader
{
    internal static bool TryRead(ReadOnlyMemory<byte> message, [NotNullWhen(true)] out DnsMessage? read)
    {
        read = null;
        var octets = message.Span;
        if (octets.Length < DnsHeader.Length) return false;
        var questions = Count(octets, 0);
        if (questions > 1) return false;
        var at = DnsHeader.Length;
        if (questions == 1)
        {
            if (!NameReader.TrySkip(octets, ref at) || at + 4 > octets.Length) return false;
            at += 4;
        }
        var sections = new List<ReadRecord>[3];
        for (var section = 0; section < sections.Length; section++)
        {
            sections[section] = [];
            for (var left = Count(octets, section + 1); left > 0; left--)
            {
                if (!TryRecord(message, ref at, out var found)) return false;
                sections[section].Add(found);
            }
        }
        read = new DnsMessage(DnsHeader.Of(octets), sections[0], sections[1], sections[2], at);
        return true;
    }

    /// <summary>True where the message is about this one question: names compare without case (RFC 1035 §2.3.3).</summary>
    internal static bool IsAbout(ReadOnlySpan<byte> message, DomainName name, RecordType type)
    {
        if (message.Length < DnsHeader.Length || Count(message, 0) != 1) return false;
        var at = DnsHeader.Length;
        return NameReader.TryRead(message, ref at, out var asked) && asked == name && at + 4 <= message.Length
            && BinaryPrimitives.ReadUInt16BigEndian(message[at..]) == (int)type && BinaryPrimitives.ReadUInt16BigEndian(message[(at + 2)..]) == DnsClass.Internet;
    }

    private static int Count(ReadOnlySpan<byte> message, int section) => BinaryPrimitives.ReadUInt16BigEndian(message[(4 + (2 * section))..]);

    private static bool TryRecord(ReadOnlyMemory<byte> message, ref int at, [NotNullWhen(true)] out ReadRecord? record)
    {
        record = null;
        var octets = message.Span;
        var start = at;
        if (!NameReader.TryRead(octets, ref at, out var name) || at + 10 > octets.Length) return false;
        var type = (RecordType)BinaryPrimitives.ReadUInt16BigEndian(octets[at..]);
        var recordClass = BinaryPrimitives.ReadUInt16BigEndian(octets[(at + 2)..]);
        var ttl = BinaryPrimitives.ReadUInt32BigEndian(octets[(at + 4)..]);
        var length = BinaryPrimitives.ReadUInt16BigEndian(octets[(at + 8)..]);
        at += 10;
        if (at + length > octets.Length) return false;
        var data = message.Slice(at, length);
        // An update's reply may name a type without data (RFC 2136 §2.4).
        if (recordClass == DnsClass.Internet && !TryData(message, at, length, type, out data)) return false;
        at += length;
        record = new ReadRecord(name, type, recordClass, ttl, data, start);
        return true;
    }

    private static bool TryData(ReadOnlyMemory<byte> message, int at, int length, RecordType type, out ReadOnlyMemory<byte> data)
    {
        data = message.Slice(at, length);
        return type switch
        {
            RecordType.A => length == 4,
            RecordType.Aaaa => length == 16,
            RecordType.Txt => IsStrings(data.Span),
            RecordType.Ns or RecordType.Cname or RecordType.Ptr => TryNames(message.Span, at, length, 0, 1, 0, out data),
            RecordType.Mx => TryNames(message.Span, at, length, 2, 1, 0, out data),
            RecordType.Srv => TryNames(message.Span, at, length, 6, 1, 0, out data),
            RecordType.Soa => TryNames(message.Span, at, length, 0, 2, 20, out data),
            _ => true,
        };
    }

    // RFC 1035 §3.3.14: one or more character-strings, each with its length before it.
    private static bool IsStrings(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty) return false;
        var at = 0;
        while (at < data.Length) at += data[at] + 1;
        return at == data.Length;
    }

    // Octets, then names which may be compressed, then octets.
    private static bool TryNames(ReadOnlySpan<byte> message, int at, int length, int before, int names, int after, out ReadOnlyMemory<byte> data)
    {
        data = default;
        if (length < before + names + after) return false;
        var written = new ArrayBufferWriter<byte>(length + 32);
        written.Write(message.Slice(at, before));
        var position = at + before;
        for (; names > 0; names--)
        {
            if (!NameReader.TryRead(message, ref position, written)) return false;
        }
        if (position + after != at + length) return false;
        written.Write(message.Slice(position, after));
        data = written.WrittenMemory;
        return true;
    }
}
