using System.Buffers;
using Sternpost.Dns.Protocol;

namespace Sternpost.Dns.Updates;

/// <summary>A change to a zone that happens as a whole or not at all, and only where the zone is still as it was read (RFC 2136).</summary>
/// <param name="Zone">The zone's name.</param>
public sealed record ZoneUpdate(DomainName Zone)
{
    /// <summary>Record sets as they were read; where one is another now, nothing is changed (RFC 2136 §2.4).</summary>
    public IReadOnlyList<RecordSet> Expected { get; init; } = [];

    /// <summary>Records to remove, each by its value: others of their set stay.</summary>
    public IReadOnlyList<ZoneRecord> Removed { get; init; } = [];

    /// <summary>Records to add.</summary>
    public IReadOnlyList<ZoneRecord> Added { get; init; } = [];

    /// <summary>True where it changes nothing.</summary>
    public bool IsEmpty => Removed.Count + Added.Count == 0;

    // RFC 2136 §2.2: the same message as any other, with other names for its sections.
    internal byte[] ToMessage(int id)
    {
        var prerequisites = new ArrayBufferWriter<byte>(512);
        var expected = 0;
        foreach (var set in Expected)
        {
            // §2.4.2: TTL 0 and the zone's class: exactly these records. §2.4.3: class NONE: none of the type.
            foreach (var record in set.Records) DnsWriter.Record(prerequisites, set.Name, set.Type, DnsClass.Internet, 0, record.Data.Span);
            if (set.Records.Count == 0) DnsWriter.Record(prerequisites, set.Name, set.Type, DnsClass.None, 0, []);
            expected += Math.Max(1, set.Records.Count);
        }
        var changes = new ArrayBufferWriter<byte>(1024);
        // §2.5.4: class NONE removes one record.
        foreach (var record in Removed) DnsWriter.Record(changes, record.Name, record.Type, DnsClass.None, 0, record.Data.Span);
        foreach (var record in Added) DnsWriter.Record(changes, record.Name, record.Type, DnsClass.Internet, record.Ttl, record.Data.Span);

        var message = new ArrayBufferWriter<byte>(2048);
        DnsWriter.Number(message, id);
        DnsWriter.Number(message, Operation << 11);
        DnsWriter.Number(message, 1);
        DnsWriter.Number(message, expected);
        DnsWriter.Number(message, Removed.Count + Added.Count);
        DnsWriter.Number(message, 0);
        DnsWriter.Name(message, Zone);
        DnsWriter.Number(message, ZoneRecord.TypeOf("SOA"));
        DnsWriter.Number(message, DnsClass.Internet);
        message.Write(prerequisites.WrittenSpan);
        message.Write(changes.WrittenSpan);
        return message.WrittenSpan.ToArray();
    }

    internal const int Operation = 5;
}

/// <summary>All records of one type at one name; empty where there are none.</summary>
public sealed record RecordSet(DomainName Name, int Type, IReadOnlyList<ZoneRecord> Records);
