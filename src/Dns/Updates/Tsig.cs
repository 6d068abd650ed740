using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Sternpost.Dns.Protocol;

namespace Sternpost.Dns.Updates;

/// <summary>A key shared with a DNS server (RFC 8945).</summary>
/// <param name="Name">What both sides call it.</param>
/// <param name="Algorithm"><c>hmac-sha256</c>, <c>hmac-sha384</c> or <c>hmac-sha512</c>.</param>
/// <param name="Secret">The octets; never in a log.</param>
public sealed record TsigKey(DomainName Name, DomainName Algorithm, byte[] Secret)
{
    /// <summary>The algorithms known. RFC 8945 §6 demands hmac-sha256; MD5 and SHA-1 are left out.</summary>
    public static IReadOnlyList<string> Algorithms { get; } = ["hmac-sha256", "hmac-sha384", "hmac-sha512"];

    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({Algorithm})";

    internal byte[] Sign(ReadOnlySpan<byte> data) => Algorithm.Ascii switch
    {
        "hmac-sha512" => HMACSHA512.HashData(Secret, data),
        "hmac-sha384" => HMACSHA384.HashData(Secret, data),
        _ => HMACSHA256.HashData(Secret, data),
    };
}

/// <summary>Signs messages to a server and verifies that the answers are its own (RFC 8945 §4, §5).</summary>
internal static class Tsig
{
    /// <summary>How far clocks may be apart (RFC 8945 §10).</summary>
    internal const int Fudge = 300;

    /// <summary>The message with its signature as last record, and the MAC that the answer's signature covers.</summary>
    internal static (byte[] Message, byte[] Mac) Sign(ReadOnlySpan<byte> message, TsigKey key, DateTimeOffset now)
    {
        var seconds = now.ToUnixTimeSeconds();
        var digested = new ArrayBufferWriter<byte>(message.Length + 128);
        digested.Write(message);
        Variables(digested, key, seconds, Fudge, 0, []);
        var mac = key.Sign(digested.WrittenSpan);

        var data = new ArrayBufferWriter<byte>(128);
        DnsWriter.Name(data, key.Algorithm);
        Time(data, seconds);
        DnsWriter.Number(data, Fudge);
        DnsWriter.Number(data, mac.Length);
        data.Write(mac);
        data.Write(message[..2]);
        DnsWriter.Number(data, 0);
        DnsWriter.Number(data, 0);
        var signed = new ArrayBufferWriter<byte>(message.Length + 160);
        signed.Write(message);
        DnsWriter.Record(signed, key.Name, (int)RecordType.Tsig, DnsClass.Any, 0, data.WrittenSpan);
        var octets = signed.WrittenSpan.ToArray();
        BinaryPrimitives.WriteUInt16BigEndian(octets.AsSpan(10), (ushort)(BinaryPrimitives.ReadUInt16BigEndian(octets.AsSpan(10)) + 1));
        return (octets, mac);
    }

    /// <summary>Null where the answer bears the key's signature over itself and the request; otherwise what is wrong.</summary>
    internal static string? Problem(ReadOnlySpan<byte> octets, DnsMessage message, byte[] requestMac, TsigKey key, DateTimeOffset now)
    {
        // RFC 8945 §5.2: the signature covers the whole message, so nothing may hang on behind it.
        if (message.Length != octets.Length || message.Additional is not [.., { Type: RecordType.Tsig } record]) return "the server's answer is not signed";
        if (!TryRead(record, out var read)) return "the signature of the server's answer is malformed";
        // RFC 8945 §5.3.2: about a key or signature it does not know, the server cannot sign.
        var refusal = read.Error switch
        {
            16 => "the server finds the signature wrong: the secret is not the one it has",
            17 => $"the server does not know the key {key.Name} for this, or not with {key.Algorithm}",
            22 => "the server wants a longer signature",
            _ => null,
        };
        if (refusal is not null) return refusal;
        if (record.Name != key.Name || read.Algorithm != key.Algorithm) return "the server's answer is signed with another key";

        var digested = new ArrayBufferWriter<byte>(octets.Length + 128);
        DnsWriter.Number(digested, requestMac.Length);
        digested.Write(requestMac);
        // RFC 8945 §5.2: as it was before the signature was added.
        var plain = octets[..record.Start].ToArray();
        BinaryPrimitives.WriteUInt16BigEndian(plain, (ushort)read.OriginalId);
        BinaryPrimitives.WriteUInt16BigEndian(plain.AsSpan(10), (ushort)(message.Additional.Count - 1));
        digested.Write(plain);
        Variables(digested, key, read.Time, read.Fudge, read.Error, read.Other.Span);
        // RFC 8945 §5.2.2.1: we cut none, so we take none that is cut.
        if (!CryptographicOperations.FixedTimeEquals(key.Sign(digested.WrittenSpan), read.Mac.Span)) return "the signature of the server's answer is wrong";
        if (read.Error == 18) return "the server's clock and ours are too far apart";
        if (read.Error != 0) return $"the server refuses the signature with the error {read.Error}";
        return Math.Abs(now.ToUnixTimeSeconds() - read.Time) > read.Fudge ? "the server's answer was signed at another time than now" : null;
    }

    // RFC 8945 §4.3.3.
    private static void Variables(ArrayBufferWriter<byte> to, TsigKey key, long seconds, int fudge, int error, ReadOnlySpan<byte> other)
    {
        DnsWriter.Name(to, key.Name);
        DnsWriter.Number(to, DnsClass.Any);
        DnsWriter.LongNumber(to, 0);
        DnsWriter.Name(to, key.Algorithm);
        Time(to, seconds);
        DnsWriter.Number(to, fudge);
        DnsWriter.Number(to, error);
        DnsWriter.Number(to, other.Length);
        to.Write(other);
    }

    // 48 bits.
    private static void Time(ArrayBufferWriter<byte> to, long seconds)
    {
        DnsWriter.Number(to, (int)((seconds >> 32) & 0xFFFF));
        DnsWriter.LongNumber(to, (uint)seconds);
    }

    private static bool TryRead(ReadRecord record, [NotNullWhen(true)] out Fields? fields)
    {
        fields = null;
        var data = record.Data;
        var at = 0;
        // RFC 8945 §4.2: the algorithm's name is not compressed, so it can be read by itself.
        if (!NameReader.TryRead(data.Span, ref at, out DomainName? algorithm) || algorithm is null || at + 10 > data.Length) return false;
        var seconds = ((long)BinaryPrimitives.ReadUInt16BigEndian(data.Span[at..]) << 32) | BinaryPrimitives.ReadUInt32BigEndian(data.Span[(at + 2)..]);
        var fudge = BinaryPrimitives.ReadUInt16BigEndian(data.Span[(at + 6)..]);
        var macLength = BinaryPrimitives.ReadUInt16BigEndian(data.Span[(at + 8)..]);
        at += 10;
        if (at + macLength + 6 > data.Length) return false;
        var mac = data.Slice(at, macLength);
        at += macLength;
        var id = BinaryPrimitives.ReadUInt16BigEndian(data.Span[at..]);
        var error = BinaryPrimitives.ReadUInt16BigEndian(data.Span[(at + 2)..]);
        var otherLength = BinaryPrimitives.ReadUInt16BigEndian(data.Span[(at + 4)..]);
        at += 6;
        if (at + otherLength != data.Length) return false;
        fields = new Fields(algorithm, seconds, fudge, mac, id, error, data[at..]);
        return true;
    }

    private sealed record Fields(DomainName Algorithm, long Time, int Fudge, ReadOnlyMemory<byte> Mac, int OriginalId, int Error, ReadOnlyMemory<byte> Other);
}
