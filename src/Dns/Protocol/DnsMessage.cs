using System.Buffers.Binary;

namespace Sternpost.Dns.Protocol;

/// <summary>The first octets of a DNS message (RFC 1035 §4.1.1).</summary>
/// <param name="Id">Its id.</param>
/// <param name="Flags">The second word.</param>
internal readonly record struct DnsHeader(int Id, int Flags)
{
    internal const int Length = 12;

    internal static DnsHeader Of(ReadOnlySpan<byte> message) => new(BinaryPrimitives.ReadUInt16BigEndian(message), BinaryPrimitives.ReadUInt16BigEndian(message[2..]));

    internal bool IsResponse => (Flags & 0x8000) != 0;

    internal int Operation => (Flags >> 11) & 0xF;

    internal bool IsAuthoritative => (Flags & 0x0400) != 0;

    /// <summary>The answer did not fit; all of it is to be had over TCP.</summary>
    internal bool IsTruncated => (Flags & 0x0200) != 0;

    /// <summary>RFC 4035 §3.2.3: its sender says that it validated everything in it.</summary>
    internal bool IsAuthentic => (Flags & 0x0020) != 0;

    internal int ResponseCode => Flags & 0xF;
}

/// <summary>A record as read, and where its octets lie in the message.</summary>
/// <param name="Name">Its owner; null for the root, and for names that cannot be asked for: no record of ours is there.</param>
/// <param name="Type">Its type; also such as <see cref="RecordType"/> does not name.</param>
/// <param name="Class">Its class.</param>
/// <param name="Ttl">Seconds.</param>
/// <param name="Data">RDATA, with every name of the old types written out in lower case, so that equal data has equal octets (RFC 3597 §4, RFC 4034 §6.2).</param>
/// <param name="Start">The offset of its first octet.</param>
internal sealed record ReadRecord(DomainName? Name, RecordType Type, int Class, uint Ttl, ReadOnlyMemory<byte> Data, int Start);

/// <summary>A DNS message as read.</summary>
/// <param name="Header">Its header.</param>
/// <param name="Answers">The answer section; with an update's reply, its prerequisites.</param>
/// <param name="Authorities">The section after it.</param>
/// <param name="Additional">The last section.</param>
/// <param name="Length">How many octets it has: what was received may go on behind it.</param>
internal sealed record DnsMessage(DnsHeader Header, IReadOnlyList<ReadRecord> Answers, IReadOnlyList<ReadRecord> Authorities, IReadOnlyList<ReadRecord> Additional, int Length);
