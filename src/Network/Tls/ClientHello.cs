using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Sternpost.Network.Tls;

/// <summary>The first message of a TLS client, as far as it says which application protocols it offers (RFC 7301); .NET does not tell before a certificate is chosen.</summary>
public static class ClientHello
{
    /// <summary>Octets of a first message that are looked at; one that is longer offers nothing.</summary>
    public const int MaxOctets = 16 * 1024;

    private const byte HandshakeRecord = 22, ClientHelloMessage = 1;
    private const int RecordHeader = 5, MessageHeader = 4;
    private const int ProtocolsExtension = 16;

    /// <summary>Reads what the client offers; false where more octets are needed to tell. What is no first message of TLS offers nothing.</summary>
    public static bool TryReadProtocols(ReadOnlySpan<byte> octets, out IReadOnlyList<string> protocols)
    {
        protocols = [];
        // The message may be cut into records (RFC 8446 §5.1): it is put together first.
        var joined = new List<byte>(octets.Length);
        var needed = MessageHeader;
        for (var at = 0; joined.Count < needed;)
        {
            if (at > MaxOctets) return true;
            if (octets.Length - at < RecordHeader) return octets.Length > at && octets[at] != HandshakeRecord;
            if (octets[at] != HandshakeRecord || octets[at + 1] != 3) return true;
            var length = BinaryPrimitives.ReadUInt16BigEndian(octets[(at + 3)..]);
            if (length == 0 || at + length > MaxOctets) return true;
            if (octets.Length - at - RecordHeader < length) return false;
            joined.AddRange(octets.Slice(at + RecordHeader, length));
            at += RecordHeader + length;
            if (joined[0] != ClientHelloMessage) return true;
            if (joined.Count >= MessageHeader) needed = MessageHeader + ((joined[1] << 16) | (joined[2] << 8) | joined[3]);
            if (needed > MaxOctets) return true;
        }
        protocols = Protocols(CollectionsMarshal.AsSpan(joined)[MessageHeader..needed]) ?? [];
        return true;
    }

    // RFC 8446 §4.1.2: version, random, session id, cipher suites, compression methods, extensions. Null where a length leads outside.
    private static List<string>? Protocols(ReadOnlySpan<byte> message)
    {
        if (!Skip(ref message, 2 + 32) || !SkipVector(ref message, 1) || !SkipVector(ref message, 2) || !SkipVector(ref message, 1)) return null;
        if (!Vector(ref message, 2, out var extensions)) return null;
        while (extensions.Length >= 4)
        {
            var type = BinaryPrimitives.ReadUInt16BigEndian(extensions);
            extensions = extensions[2..];
            if (!Vector(ref extensions, 2, out var content)) return null;
            if (type == ProtocolsExtension) return Names(content);
        }
        return [];
    }

    private static List<string>? Names(ReadOnlySpan<byte> content)
    {
        if (!Vector(ref content, 2, out var list)) return null;
        List<string> names = [];
        while (list.Length > 0)
        {
            if (!Vector(ref list, 1, out var name)) return null;
            names.Add(Encoding.Latin1.GetString(name));
        }
        return names;
    }

    private static bool Skip(ref ReadOnlySpan<byte> octets, int count)
    {
        if (octets.Length < count) return false;
        octets = octets[count..];
        return true;
    }

    private static bool SkipVector(ref ReadOnlySpan<byte> octets, int width) => Vector(ref octets, width, out _);

    private static bool Vector(ref ReadOnlySpan<byte> octets, int width, out ReadOnlySpan<byte> content)
    {
        content = default;
        if (octets.Length < width) return false;
        var length = width == 1 ? octets[0] : BinaryPrimitives.ReadUInt16BigEndian(octets);
        if (octets.Length < width + length) return false;
        content = octets.Slice(width, length);
        octets = octets[(width + length)..];
        return true;
    }
}
