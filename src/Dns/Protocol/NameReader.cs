using System.Buffers;
using System.Text;

namespace Sternpost.Dns.Protocol;

/// <summary>Reads names on the wire (RFC 1035 §3.1, §4.1.4).</summary>
internal static class NameReader
{
    private const int MaxName = 255, MaxLabel = 63;

    // A name of 255 octets has at most 127 labels, and no server needs a pointer before each of them.
    private const int MaxPointers = 32;

    /// <summary>Reads a name at <paramref name="at"/> and moves behind it. The root is null, and so are names that cannot be asked for (<see cref="DomainName.TryParseForQuery"/>).</summary>
    internal static bool TryRead(ReadOnlySpan<byte> message, ref int at, out DomainName? name)
    {
        Span<byte> wire = stackalloc byte[MaxName];
        name = null;
        if (!TryUnfold(message, ref at, wire, out var length)) return false;
        name = Of(wire[..length]);
        return true;
    }

    /// <summary>Reads a name and writes it out: no pointers, lower case.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> message, ref int at, IBufferWriter<byte> to)
    {
        Span<byte> wire = stackalloc byte[MaxName];
        if (!TryUnfold(message, ref at, wire, out var length)) return false;
        to.Write(wire[..length]);
        return true;
    }

    /// <summary>Moves behind a name.</summary>
    internal static bool TrySkip(ReadOnlySpan<byte> message, ref int at)
    {
        Span<byte> wire = stackalloc byte[MaxName];
        return TryUnfold(message, ref at, wire, out _);
    }

    /// <summary>Reads a name that stands in data read before, where it is written out.</summary>
    /// <param name="data">The data.</param>
    /// <param name="at">Where the name begins.</param>
    /// <param name="isRoot">True for the root, which several types give a meaning of its own.</param>
    internal static DomainName? In(ReadOnlySpan<byte> data, int at, out bool isRoot)
    {
        isRoot = at < data.Length && data[at] == 0;
        return TryRead(data, ref at, out DomainName? name) ? name : null;
    }

    private static bool TryUnfold(ReadOnlySpan<byte> message, ref int at, Span<byte> wire, out int written)
    {
        written = 0;
        var (position, end, lowest, pointers) = (at, -1, at, 0);
        while (true)
        {
            if (position >= message.Length) return false;
            var length = message[position];
            if (length == 0)
            {
                wire[written++] = 0;
                at = end < 0 ? position + 1 : end;
                return true;
            }
            if ((length & 0xC0) == 0xC0)
            {
                if (position + 1 >= message.Length || ++pointers > MaxPointers) return false;
                var target = ((length & 0x3F) << 8) | message[position + 1];
                if (end < 0) end = position + 2;
                // RFC 1035 §4.1.4: a prior occurrence. Each further back than the last, so that no loop can be.
                if (target >= lowest) return false;
                position = lowest = target;
                continue;
            }
            // One octet stays for the root's.
            if (length > MaxLabel || position + 1 + length > message.Length || written + 1 + length >= MaxName) return false;
            wire[written++] = length;
            for (var i = position + 1; i <= position + length; i++) wire[written++] = message[i] is >= (byte)'A' and <= (byte)'Z' ? (byte)(message[i] | 0x20) : message[i];
            position += length + 1;
        }
    }

    private static DomainName? Of(ReadOnlySpan<byte> wire)
    {
        if (wire.Length == 1) return null;
        Span<byte> text = stackalloc byte[MaxName];
        var length = 0;
        for (var at = 0; wire[at] != 0; at += wire[at] + 1)
        {
            var label = wire.Slice(at + 1, wire[at]);
            // A dot inside a label would make another name of it.
            if (label.ContainsAnyExceptInRange((byte)' ', (byte)'~') || label.Contains((byte)'.')) return null;
            if (length > 0) text[length++] = (byte)'.';
            label.CopyTo(text[length..]);
            length += label.Length;
        }
        return DomainName.TryParseForQuery(Encoding.ASCII.GetString(text[..length]), out var name) ? name : null;
    }
}
