using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Sternpost.Dns.Protocol;

/// <summary>Writes what DNS messages are made of (RFC 1035 §4.1). Names are never compressed: what is signed must be the same for both sides.</summary>
internal static class DnsWriter
{
    internal static void Name(IBufferWriter<byte> to, DomainName name)
    {
        foreach (var label in name.Labels)
        {
            to.Write([(byte)label.Length]);
            to.Write(Encoding.ASCII.GetBytes(label));
        }
        to.Write([(byte)0]);
    }

    internal static void Number(IBufferWriter<byte> to, int value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(to.GetSpan(2), (ushort)value);
        to.Advance(2);
    }

    internal static void LongNumber(IBufferWriter<byte> to, uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(to.GetSpan(4), value);
        to.Advance(4);
    }

    /// <summary>A record of any class; without data where <paramref name="data"/> is empty.</summary>
    internal static void Record(IBufferWriter<byte> to, DomainName name, int type, int recordClass, uint ttl, ReadOnlySpan<byte> data)
    {
        Name(to, name);
        Number(to, type);
        Number(to, recordClass);
        LongNumber(to, ttl);
        Number(to, data.Length);
        to.Write(data);
    }
}
